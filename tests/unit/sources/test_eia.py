"""EIA's hours: ends become starts, pages are followed to the end, and no key is written down."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources.context import FetchContext
from flows.sources.eia import SOURCE, fetch, parse
from flows.sources.http_errors import AccessError
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Fetched
from warehouse.spans import Span, chunks
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = ROOT.parent / "shared" / "data" / "payloads" / "eia"
TABLE = "grid_generation"
FUELS_OF_BPAT = 6


def row(period: str = "2026-01-01T01", value: object = 5, **changes: object) -> dict[str, Any]:
    made = {
        "period": period,
        "respondent": "CISO",
        "respondent-name": "California",
        "fueltype": "NG",
        "type-name": "Natural Gas",
        "value": value,
        "value-units": "megawatthours",
    }
    return {name: content for name, content in (made | changes).items() if content != "gone"}


def read(*rows: object, **response: object) -> Parsed:
    document = {"response": {"total": len(rows), "frequency": "hourly", "data": rows} | response}
    return parse(Arrival(json.dumps(document).encode(), "CISO.json", NOON))


def values(parsed: Parsed) -> list[tuple[Any, ...]]:
    frame = parsed.frames[TABLE]
    return frame.select("interval_start_at", "production_type", "generation_mw").rows()


def reasons(parsed: Parsed) -> list[tuple[Any, ...]]:
    return parsed.rejects.select("location", "column_name", "offending_value", "reason").rows()


def test_stamp_at_the_end_of_an_hour_becomes_its_start():
    # The hour that ends at 01:00 began at 00:00; 5 MWh in one hour are 5 MW.
    parsed = read(row("2026-01-01T01"))
    assert parsed.frames[TABLE].rows() == [
        ("CISO", datetime(2026, 1, 1, tzinfo=UTC), 60, "NG", 5.0)
    ]


def test_first_hour_of_a_year_ends_in_it_and_begins_in_the_year_before():
    assert values(read(row("2026-01-01T00")))[0][0] == datetime(2025, 12, 31, 23, tzinfo=UTC)


def test_value_may_be_a_number_a_text_or_null():
    parsed = read(row(value=5), row(value="7.5", fueltype="COL"), row(value=None, fueltype="SUN"))
    assert [(fuel, mw) for _, fuel, mw in values(parsed)] == [("NG", 5.0), ("COL", 7.5)]
    assert parsed.rejects.is_empty()


def test_local_hours_are_placed_by_their_offset():
    # 16:00 at seven hours behind UTC is 23:00 UTC, the end of the hour from 22:00.
    parsed = read(row("2026-01-31T16-07"), frequency="local-hourly")
    assert values(parsed)[0][0] == datetime(2026, 1, 31, 22, tzinfo=UTC)


def test_unknown_fuel_and_negative_values_are_kept():
    parsed = read(row(fueltype="XYZ"), row(fueltype="PS", value=-250))
    assert [(fuel, mw) for _, fuel, mw in values(parsed)] == [("XYZ", 5.0), ("PS", -250.0)]


@pytest.mark.parametrize(
    ("spoilt", "column", "value", "reason"),
    [
        ({"value": "n/a"}, "generation_mw", "n/a", "cannot be read as a number"),
        ({"value": "NaN"}, "generation_mw", "NaN", "not a finite number"),
        ({"value": True}, "generation_mw", "true", "cannot be read as a number"),
        ({"period": "yesterday"}, "interval_start_at", "yesterday", "cannot be read as an hour"),
        ({"period": "2026-13-01T00"}, "interval_start_at", "2026-13-01T00", "cannot be read"),
        ({"period": "gone"}, "interval_start_at", None, "required, but empty"),
        ({"respondent": None}, "provider_zone", None, "required, but empty"),
        ({"fueltype": "gone"}, "production_type", None, "required, but empty"),
        ({"value-units": "gigawatthours"}, "generation_mw", "gigawatthours", "megawatthours were"),
    ],
)
def test_bad_row_is_set_aside_and_the_others_stay(spoilt, column, value, reason):
    parsed = read(
        row(), row("2026-01-01T02", **spoilt) if "period" not in spoilt else row(**spoilt)
    )
    assert len(values(parsed)) == 1
    ((location, found_column, found_value, found_reason),) = reasons(parsed)
    assert (location, found_column, found_value) == ("CISO.json row 1", column, value)
    assert found_reason.startswith(reason)


@pytest.mark.parametrize("name", ["period", "respondent", "fueltype", "value"])
def test_field_gone_from_every_row_is_refused(name):
    with pytest.raises(ParseError, match=f"field '{name}'.*missing from every row"):
        read(row(**{name: "gone"}), row(**{name: "gone"}))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "JSON was expected"),
        (b"<html>", "JSON was expected"),
        (b"[]", "a JSON object was expected"),
        (b'{"response": []}', "another kind of value"),
        (b'{"response": {"data": {}}}', "another kind of value"),
        (b'{"response": {"total": 0}}', "the field is missing"),
        (b'{"error": "Not found.", "code": 404}', "an error of the provider"),
        (b'{"error": {"code": "API_KEY_INVALID", "message": "no"}}', "API_KEY_INVALID"),
        (b'{"response": {"frequency": "daily", "data": []}}', "hourly data were expected"),
    ],
)
def test_body_that_is_no_answer_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        parse(Arrival(body, "CISO.json", NOON))


CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**30), 10**30),
    st.text(max_size=12),
    st.sampled_from(["2026-01-01T01", "2026-01-01T01-07:00", "MWh", "1e400", "-inf", "5"]),
    st.lists(st.integers(), max_size=2),
)
ROW = st.one_of(
    CELL,
    st.fixed_dictionaries(dict.fromkeys(row(), CELL) | {"more": CELL}),
)


@given(st.lists(ROW, max_size=6))
def test_each_row_is_loaded_set_aside_or_not_reported(rows):
    rows = [row(), *rows]
    not_reported = [
        each
        for each in rows
        if (
            isinstance(each, dict) and str("" if each["value"] is None else each["value"]).isspace()
        )
        or (isinstance(each, dict) and each["value"] in (None, ""))
    ]
    parsed = read(*rows)
    assert parsed.row_count + parsed.rejects.height == len(rows) - len(not_reported)


@given(st.data())
def test_mutated_bytes_never_end_in_another_error(data):
    body = bytearray(
        json.dumps({"response": {"total": 1, "data": [row(), row(value="x")]}}).encode()
    )
    for _ in range(data.draw(st.integers(0, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    with suppress(ParseError):
        parse(Arrival(bytes(body[:cut]), "CISO.json", NOON))


def test_recorded_answers_are_read():
    paths = sorted(PAYLOADS.glob("*.json"))
    if not paths:
        pytest.skip("the recorded answers are not beside this repository")
    parsed = {path.name: parse(Arrival(path.read_bytes(), path.name, NOON)) for path in paths}
    assert all(each.rejects.is_empty() for each in parsed.values())
    counts = {name: each.row_count for name, each in parsed.items()}
    assert counts == {
        "US-NW-PGE-with-nulls.json": 1,  # of two rows one is null
        "US_CAL_IID-battery_storage.json": 1,
        "US_CAR_SC-nuclear.json": 0,
        "US_NW_BPAT-wind.json": 2,
        "US_SW_SRP-hydro.json": 2,
    }
    assert values(parsed["US_SW_SRP-hydro.json"])[0] == (
        datetime(2022, 10, 31, 10, tzinfo=UTC),
        "WAT",
        -5.0,
    )


@pytest.fixture
def make(ask_provider: Any) -> Any:
    def context(*zones: str, as_of: datetime = NOON, **changes: Any) -> FetchContext:
        return ask_provider(SOURCE, as_of, only_zones=zones or ("BPAT",), **changes)

    return context


def rows_of(bodies: list[Fetched]) -> pl.DataFrame:
    parts = [parse(Arrival(each.body, each.name, NOON, each.about)) for each in bodies]
    assert all(part.rejects.is_empty() for part in parts)
    return pl.concat([part.frames[TABLE] for part in parts])


def test_backfill_follows_the_pages_and_loses_nothing_at_the_edges(make, provider_server):
    span = Span(datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 4, 20, tzinfo=UTC))
    bodies = list(fetch(make("CISO", backfill=span)))
    frame = rows_of(bodies).filter(pl.col("interval_start_at").is_between(*edges(span), "left"))
    hours = span.length // HOUR
    distinct = frame.unique(["interval_start_at", "production_type"])
    assert distinct.height == hours * 11
    eia = provider_server.state("eia")
    expected = [
        eia.value("CISO", fuel, at)
        for at, fuel in distinct.select("interval_start_at", "production_type").iter_rows()
    ]
    assert distinct["generation_mw"].to_list() == expected
    lengths = {parse_qs(each.query)["length"][0] for each in provider_server.requests("eia")}
    assert lengths == {"5000"}
    # 30 days of 11 fuels are 7,931 rows with both ends: two pages, of which the last covers.
    of_chunks: dict[str, list[bool]] = {}
    for body in bodies:
        of_chunks.setdefault(body.name.rpartition("-")[0], []).append(body.covers is not None)
    assert max(map(len, of_chunks.values())) == 2
    assert all(covered[-1] and not any(covered[:-1]) for covered in of_chunks.values())


def edges(span: Span) -> tuple[datetime, datetime]:
    return span.start_at, span.end_at


def test_later_run_reads_three_days_again_in_one_request(make, provider_server):
    covered = (Span(NOON - 20 * DAY, NOON - HOUR),)
    frame = rows_of(list(fetch(make(coverage={"BPAT": covered}))))
    assert len(provider_server.requests("eia")) == 1
    assert frame["interval_start_at"].min() <= NOON - 72 * HOUR
    # The provider is an hour late: at 12:00 the hour that ended at 11:00 is the last.
    assert frame["interval_start_at"].max() == NOON - 2 * HOUR


def test_numbers_and_texts_make_the_same_rows(make, provider_server):
    told = []
    for is_text in (True, False):
        provider_server.state("eia").has_text_values = is_text
        told.append(rows_of(list(fetch(make()))))
    assert told[0].equals(told[1])


def test_repeated_and_shuffled_rows_lose_none(make, provider_server):
    expected = rows_of(list(fetch(make("CISO")))).unique().sort(pl.all())
    provider_server.faults.add("eia", "duplicates", every=2)
    provider_server.faults.add("eia", "shuffled")
    assert rows_of(list(fetch(make("CISO")))).unique().sort(pl.all()).equals(expected)


def test_zone_without_data_yields_nothing_while_it_may_still_come(make, provider_server):
    assert list(fetch(make("GWA", coverage={"GWA": (Span(NOON - DAY, NOON - HOUR),)}))) == []
    old = Span(NOON - 60 * DAY, NOON - 59 * DAY)
    (body,) = fetch(make("GWA", backfill=old))
    assert body.covers is not None
    assert rows_of([body]).is_empty()


def test_failure_on_a_later_page_keeps_the_first_and_covers_nothing(make, provider_server):
    provider_server.faults.add("eia", "500", path_part="offset=5000")
    # One whole chunk: thirty days of eleven fuels are two pages.
    _, span, *_ = chunks(Span(NOON - 99 * DAY, NOON), 30 * DAY)
    bodies: list[Fetched] = []
    with pytest.raises(SourceError, match="500"):
        bodies.extend(fetch(make("CISO", backfill=span)))
    # Every row of the first page is there; nothing says that the whole chunk is.
    assert [body.covers for body in bodies] == [None]
    assert rows_of(bodies).height == 5000


@pytest.mark.parametrize("fault", ["500", "502_html", "truncated", "closed", "empty", "429"])
def test_passing_fault_is_repeated(make, provider_server, fault):
    expected = rows_of(list(fetch(make())))
    provider_server.faults.add("eia", fault, times=1, retry_after="0")
    assert rows_of(list(fetch(make()))).equals(expected)


def test_error_with_a_good_status_is_reported(make, provider_server):
    provider_server.faults.add("eia", "error_200")
    with pytest.raises(SourceError, match=r"eia: GET .*respondent.*being rebuilt"):
        list(fetch(make()))


def test_one_refusal_of_the_key_stops_all_zones(make, provider_server, monkeypatch):
    context = make("CISO", "BPAT", "PJM", "MISO", "NYIS", "ERCO")
    monkeypatch.setenv("EIA_API_KEY", "a-wrong-key-of-ours")
    with pytest.raises((AccessError, SourceError), match="API_KEY_INVALID"):
        list(fetch(context))
    assert len(provider_server.requests("eia")) <= 2


def test_key_is_written_nowhere(make, provider_server, caplog):
    caplog.set_level(logging.DEBUG)
    key = provider_server.state("eia").key
    bodies = list(fetch(make("CISO")))
    provider_server.faults.add("eia", "403", times=1, message=f"no right for {key}")
    with pytest.raises(SourceError) as error:
        list(fetch(make("CISO")))
    written = [repr(body) for body in bodies] + [str(error.value), caplog.text]
    assert bodies
    assert not any(key in text for text in written)
    assert b"api_key" in bodies[0].body  # the provider repeats the query, now without the key


def test_base_address_may_lack_the_version(make, provider_server, monkeypatch):
    context = make()
    monkeypatch.setenv("JOULEHOUSE_EIA_URL", provider_server.url("eia") + "/v2")
    assert rows_of(list(fetch(context))).unique().height == 14 * 24 * FUELS_OF_BPAT
