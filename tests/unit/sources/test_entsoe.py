"""ENTSO-E asked through entsoe-py: whole hours, every value, faults repeated, token unseen."""

from __future__ import annotations

import logging
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import polars as pl
import pytest

from flows.sources.context import FetchContext
from flows.sources.entsoe import SOURCE, fetch, parse
from flows.sources.entsoe_areas import AREAS, PRODUCTION_TYPES
from flows.sources.http_errors import AccessError, ProviderDownError
from flows.sources.protocol import Arrival
from warehouse.errors import SourceError
from warehouse.landing import Fetched
from warehouse.spans import Span

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TABLE = "grid_generation"


def test_areas_and_types_are_those_of_the_client():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from entsoe.mappings import PSRTYPE_MAPPINGS, Area
    assert {zone: Area[zone].code for zone in AREAS} == AREAS
    assert set(SOURCE.default_zones) <= set(AREAS)
    assert set(PRODUCTION_TYPES) <= set(PSRTYPE_MAPPINGS)


@pytest.fixture
def make(ask_provider: Any) -> Any:
    def context(*zones: str, as_of: datetime = NOON, **changes: Any) -> FetchContext:
        return ask_provider(SOURCE, as_of, only_zones=zones or ("NO_5",), **changes)

    return context


def rows_of(bodies: list[Fetched]) -> pl.DataFrame:
    parts = [parse(Arrival(each.body, each.name, NOON, each.about)) for each in bodies]
    assert all(part.rejects.is_empty() for part in parts)
    return pl.concat([part.frames[TABLE] for part in parts])


def test_backfill_asks_in_chunks_and_gets_every_value(make, provider_server):
    span = Span(datetime(2025, 9, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    bodies = list(fetch(make("NO_5", backfill=span)))
    frame = rows_of(bodies)
    assert frame.height == span.length // HOUR * 4
    assert frame.n_unique(["interval_start_at", "production_type"]) == frame.height
    entsoe = provider_server.state("entsoe")
    codes = {name: code for code, name in PRODUCTION_TYPES.items()}
    assert frame["generation_mw"].to_list() == [
        entsoe.quantity(AREAS["NO_5"], codes[kind], at)
        for at, kind in frame.select("interval_start_at", "production_type").iter_rows()
    ]
    covered = sorted(body.covers.span for body in bodies if body.covers)
    assert covered[0].start_at == span.start_at
    assert covered[-1].end_at == span.end_at
    asked = [parse_qs(each.query) for each in provider_server.requests("entsoe")]
    assert {query["documentType"][0] for query in asked} == {"A75"}
    assert {query["processType"][0] for query in asked} == {"A16"}


def test_last_hours_are_asked_for_whole_though_the_client_rounds(make, provider_server):
    as_of = NOON + timedelta(minutes=25)
    list(fetch(make("NO_5", as_of=as_of, coverage={"NO_5": (Span(NOON - 9 * DAY, NOON),)})))
    (query,) = (parse_qs(each.query) for each in provider_server.requests("entsoe"))
    assert query["periodStart"] == [f"{as_of - 2 * DAY:%Y%m%d}1200"]
    assert query["periodEnd"] == [f"{as_of:%Y%m%d}1300"]


def test_curves_make_the_same_rows(make, provider_server):
    told = []
    for curve in ("A01", "A03"):
        provider_server.state("entsoe").curve = curve
        told.append(rows_of(list(fetch(make("DE_LU")))).sort(pl.all()))
    assert told[0].height > 14 * 90 * 9
    assert told[0].equals(told[1])


@pytest.mark.parametrize("status", [200, 400])
def test_zone_without_data_yields_nothing_while_it_may_still_come(make, provider_server, status):
    provider_server.state("entsoe").empty_status = status
    recent = {"MT": (Span(NOON - DAY, NOON - HOUR),)}
    assert list(fetch(make("MT", coverage=recent))) == []
    (body,) = fetch(make("MT", backfill=Span(NOON - 60 * DAY, NOON - 59 * DAY)))
    assert body.covers is not None
    assert rows_of([body]).is_empty()


@pytest.mark.parametrize(
    "fault", ["500", "502_html", "503", "429", "429_date", "closed", "reset", "truncated", "empty"]
)
def test_passing_fault_is_repeated(make, provider_server, fault):
    expected = rows_of(list(fetch(make())))
    provider_server.faults.add("entsoe", fault, times=1, retry_after="0", seconds=0)
    assert rows_of(list(fetch(make()))).equals(expected)


def test_page_in_place_of_a_document_is_reported(make, provider_server):
    provider_server.faults.add("entsoe", "html_200")
    with pytest.raises(SourceError, match=r"entsoe: GET .*A75.*XML document was expected") as error:
        list(fetch(make()))
    assert error.value.is_transient


def test_error_with_a_good_status_is_reported(make, provider_server):
    provider_server.faults.add("entsoe", "error_200")
    with pytest.raises(SourceError, match=r"entsoe: GET .*code B01: An internal error"):
        list(fetch(make()))


def test_zone_that_fails_does_not_stop_the_others(make, provider_server):
    provider_server.faults.add("entsoe", "500", path_part=AREAS["FR"])
    bodies: list[Fetched] = []
    with pytest.raises(SourceError, match=r"1 of 3 parts failed \(FR\)"):
        bodies.extend(fetch(make("NO_5", "FR", "ES")))
    assert {body.about["zone"] for body in bodies} == {"NO_5", "ES"}


def test_wait_longer_than_a_run_may_take_stops_the_source(make, provider_server):
    provider_server.faults.add("entsoe", "429", retry_after="600")
    context = make("NO_5", "FR", "ES", "PL", "NL", settings={"http_max_wait_s": 2})
    with pytest.raises(SourceError, match="600 s"):
        list(fetch(context))
    assert len(provider_server.requests("entsoe")) <= 2


def test_one_refusal_of_the_token_stops_all_zones(make, provider_server, monkeypatch):
    context = make("NO_5", "FR", "ES", "PL", "NL")
    monkeypatch.setenv("ENTSOE_API_KEY", "a-wrong-token-of-ours")
    with pytest.raises(SourceError, match="401"):
        list(fetch(context))
    assert len(provider_server.requests("entsoe")) <= 2
    alone = make("NO_5")
    monkeypatch.setenv("ENTSOE_API_KEY", "a-wrong-token-of-ours")
    with pytest.raises(AccessError, match="Unauthorized") as error:
        list(fetch(alone))
    assert error.value.is_about_the_key


def test_provider_that_cannot_be_reached_is_left_alone(make, monkeypatch):
    context = make(*list(AREAS)[:20], settings={"http_retries": 0})
    monkeypatch.setenv("ENTSOE_ENDPOINT_URL", "http://127.0.0.1:9/api")
    with pytest.raises(ProviderDownError, match="no connection") as error:
        list(fetch(context))
    assert error.value.is_unreachable


def test_provider_that_keeps_failing_is_left_alone(make, provider_server):
    provider_server.faults.add("entsoe", "500")
    context = make(*list(AREAS)[:20], settings={"http_retries": 0, "circuit_failures": 3})
    with pytest.raises(ProviderDownError, match=r"[34] requests in a row failed"):
        list(fetch(context))
    assert len(provider_server.requests("entsoe")) <= 4  # two zones at a time


def test_token_is_written_nowhere(make, provider_server, caplog):
    caplog.set_level(logging.DEBUG)
    key = provider_server.state("entsoe").key
    provider_server.faults.add("entsoe", "echo_secrets", times=1)
    written = [repr(body) for body in fetch(make())]
    assert written
    for fault in ("403", "404", "500", "closed", "html_200", "error_200", "429"):
        provider_server.faults.clear()
        provider_server.faults.add("entsoe", fault, message=f"not with {key}")
        with pytest.raises(SourceError) as error:
            list(fetch(make()))
        cause: BaseException | None = error.value
        while cause is not None:
            written.append(f"{cause!r} {cause}")
            cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    assert not [text for text in (*written, caplog.text) if key in text]
