"""Ember's years and months: the API's answers, the old tables, and what is wrong with either."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources.ember import SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Fetched
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = ROOT.parent / "shared" / "data" / "payloads" / "ember"
TABLE = "ember_carbon_intensity"
MEASURE = "emissions_intensity_gco2_per_kwh"
YEARLY = "country_or_region,country_code,year,demand_twh,emissions_intensity_gco2_per_kwh"


def row(day: str = "2023", grams: object = 400.5, **changes: object) -> dict[str, Any]:
    made = {
        "entity": "Freedonia",
        "entity_code": "FRD",
        "is_aggregate_entity": False,
        "date": day,
        MEASURE: grams,
    }
    return {name: content for name, content in (made | changes).items() if content != "gone"}


def read(*rows: object, **about: str) -> Parsed:
    document = {"stats": {"number_of_records": len(rows)}, "data": rows}
    return parse(Arrival(json.dumps(document).encode(), "ember.json", NOON, about))


def read_table(text: str) -> Parsed:
    return parse(Arrival(text.encode(), "ember.csv", NOON))


def rows_of(parsed: Parsed) -> list[tuple[Any, ...]]:
    return parsed.frames[TABLE].rows()


def test_years_and_months_are_told_apart_by_their_dates():
    parsed = read(row("2023"), row("2023-05-01", 380))
    assert rows_of(parsed) == [
        ("Freedonia", "FRD", False, "year", date(2023, 1, 1), 400.5),
        ("Freedonia", "FRD", False, "month", date(2023, 5, 1), 380.0),
    ]


def test_resolution_that_was_asked_for_goes_before_the_look_of_a_date():
    assert rows_of(read(row("2023-01-01"), resolution="yearly"))[0][3:5] == (
        "year",
        date(2023, 1, 1),
    )
    assert rows_of(read(row("2023-05"), resolution="monthly"))[0][4] == date(2023, 5, 1)


def test_group_without_a_code_is_kept_and_marked():
    parsed = read(row(entity="World", entity_code=None, is_aggregate_entity=True))
    assert rows_of(parsed)[0][:3] == ("World", None, True)


def test_figure_that_is_not_given_makes_no_row():
    parsed = read(row(), row("2022", None))
    assert parsed.row_count == 1
    assert parsed.rejects.is_empty()


@pytest.mark.parametrize(
    ("spoilt", "column", "reason"),
    [
        ({"grams": "much"}, MEASURE, "cannot be read as a number"),
        ({"grams": -1}, MEASURE, "below the minimum 0"),
        ({"grams": 404000}, MEASURE, "above the maximum 3000"),
        ({"day": "soon"}, "period_start_date", "cannot be read as a year or a day"),
        ({"day": "2023-13-01"}, "period_start_date", "cannot be read as a year or a day"),
        ({"date": None}, "period_start_date", "required, but empty"),
        ({"entity": None}, "entity", "required, but empty"),
        ({"is_aggregate_entity": "perhaps"}, "is_aggregate_entity", "cannot be read as a truth"),
    ],
)
def test_bad_row_is_set_aside_and_the_others_stay(spoilt, column, reason):
    parsed = read(row(), row(**spoilt))
    assert parsed.row_count == 1
    ((found_column, found_reason),) = parsed.rejects.select("column_name", "reason").rows()
    assert found_column == column
    assert found_reason.startswith(reason)


def test_row_that_lacks_the_figure_is_set_aside():
    parsed = read(row(), row(**{MEASURE: "gone"}))
    assert parsed.rejects["reason"].to_list() == ["required, but empty"]


@pytest.mark.parametrize("name", ["entity", "date", MEASURE])
def test_field_gone_from_every_row_is_refused(name):
    with pytest.raises(ParseError, match=f"field '{name}'.*missing from every row"):
        read(row(**{name: "gone"}))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "a CSV table was expected"),
        (b"<html>busy</html>", "a CSV table was expected"),
        (b'{"detail": "Not authenticated"}', "field 'data'"),
        (b'{"data": {}}', "another kind of value"),
        (b"[1, 2", "JSON was expected"),
        (b"a,b\n1,2\n", "'country_or_region'.*found: a, b"),
        (b"country_or_region,emissions_intensity_gco2_per_kwh\nX,1\n", "field 'year'"),
    ],
)
def test_body_that_is_no_answer_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        parse(Arrival(body, "ember", NOON))


def test_old_tables_are_read_by_name():
    yearly = read_table(f"{YEARLY}\nFreedonia,FRD,2001,0.8,217.39\nFreedonia,FRD,2002,0.8,\n")
    assert rows_of(yearly) == [("Freedonia", "FRD", None, "year", date(2001, 1, 1), 217.39)]
    monthly = read_table(f"{YEARLY.replace('year', 'date')}\nSylvania,SYL,2018-02-01,12,411.5\n")
    assert rows_of(monthly) == [("Sylvania", "SYL", None, "month", date(2018, 2, 1), 411.5)]


CELL = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(-(10**30), 10**30), st.text(max_size=8),
    st.sampled_from(["2023", "2023-01-01", "true", "1e400", "inf"]), st.lists(st.integers()),
)  # fmt: skip


@given(st.lists(st.one_of(CELL, st.fixed_dictionaries(dict.fromkeys(row(), CELL))), max_size=6))
def test_each_row_is_loaded_set_aside_or_not_given(rows):
    rows = [row(), *(json.loads(json.dumps(each).replace("Infinity", "1").replace("NaN", "2"))
                     for each in rows)]  # fmt: skip
    not_given = [
        each
        for each in rows
        if isinstance(each, dict)
        and (
            each[MEASURE] is None or (isinstance(each[MEASURE], str) and not each[MEASURE].strip())
        )
    ]
    parsed = read(*rows)
    assert parsed.row_count + parsed.rejects.height == len(rows) - len(not_given)


@given(st.data())
def test_mutated_bytes_never_end_in_another_error(data):
    answer = json.dumps({"data": [row(), row("2023-01-01", "7")]})
    body = bytearray(data.draw(st.sampled_from([answer, f"{YEARLY}\nX,XXX,2001,1,2\n"])).encode())
    for _ in range(data.draw(st.integers(0, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ParseError):
        parse(Arrival(bytes(body[: data.draw(st.integers(0, len(body)))]), "ember", NOON))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("api_country_overview_yearly.head.csv", "year"),
     ("api_country_overview_monthly.head.csv", "month")],
)  # fmt: skip
def test_recorded_tables_are_read(name, kind):
    path = PAYLOADS / name
    if not path.is_file():
        pytest.skip(f"the recorded table {name} is not beside this repository")
    parsed = parse(Arrival(path.read_bytes(), name, NOON))
    assert parsed.row_count == 59
    assert parsed.rejects.is_empty()
    assert parsed.frames[TABLE]["period_kind"].unique().to_list() == [kind]


def parsed_of(bodies: list[Fetched]) -> pl.DataFrame:
    parts = [parse(Arrival(each.body, each.name, NOON, each.about)) for each in bodies]
    assert all(part.rejects.is_empty() for part in parts)
    return pl.concat([part.frames[TABLE] for part in parts])


def test_two_requests_bring_every_year_and_month(ask_provider, provider_server):
    frame = parsed_of(list(fetch(ask_provider(SOURCE, NOON))))
    assert len(provider_server.requests("ember")) == 2
    ember = provider_server.state("ember")
    told = [*ember.rows("carbon-intensity", "yearly"), *ember.rows("carbon-intensity", "monthly")]
    assert frame.height == len(told)
    assert frame[MEASURE].to_list() == [each[MEASURE] for each in told]
    assert frame["period_kind"].value_counts().sort("period_kind").rows() == [
        ("month", len(ember.rows("carbon-intensity", "monthly"))),
        ("year", len(ember.rows("carbon-intensity", "yearly"))),
    ]


def test_base_address_may_hold_the_version(ask_provider, provider_server, monkeypatch):
    context = ask_provider(SOURCE, NOON)
    monkeypatch.setenv("JOULEHOUSE_EMBER_URL", provider_server.url("ember") + "/v1/")
    assert parsed_of(list(fetch(context))).height > 0


def test_error_with_a_good_status_is_reported(ask_provider, provider_server):
    provider_server.faults.add("ember", "error_200")
    with pytest.raises(SourceError, match=r"ember: GET .*carbon-intensity/yearly.*being updated"):
        list(fetch(ask_provider(SOURCE, NOON)))


def test_key_is_written_nowhere(ask_provider, provider_server, caplog, tmp_path, monkeypatch):
    caplog.set_level(logging.DEBUG)
    key = provider_server.state("ember").key
    provider_server.faults.add("ember", "echo_secrets", times=1)
    context = ask_provider(SOURCE, NOON)
    written = [repr(body) for body in fetch(context)]
    provider_server.faults.add("ember", "403", message=f"not with {key}")
    with pytest.raises(SourceError) as error:
        list(fetch(context))
    context.close()
    written += [str(error.value), caplog.text]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [text for text in written if key in text]
    assert not [path for path in files if key.encode() in path.read_bytes()]
