"""Electricity Maps: both versions, what is asked for, and the rights of a key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from flows.sources.context import FetchContext
from flows.sources.electricity_maps import SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import SourceError
from warehouse.spans import Span

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAPS = SOURCE.source_id
URL = SOURCE.base_url_env


@pytest.fixture
def make(ask_provider: Any) -> Any:
    def context(as_of: datetime = NOON, **changes: Any) -> FetchContext:
        changes = {"only_zones": ("DE",), **changes}
        return ask_provider(SOURCE, as_of, **changes)

    return context


def fetched_frames(context: FetchContext) -> dict[str, pl.DataFrame]:
    parts = [
        parse(Arrival(fetched.body, fetched.name, context.run.as_of, fetched.about))
        for fetched in fetch(context)
    ]
    assert all(part.rejects.is_empty() for part in parts)
    return {
        table.name: pl.concat(
            [part.frames[table.name] for part in parts if table.name in part.frames]
            or [pl.DataFrame(schema=table.schema)]
        )
        for table in SOURCE.tables
    }


@pytest.mark.parametrize("version", ["", "/v3", "/v4", "/v4/"])
def test_version_is_that_of_the_address(
    make: Any, provider_server: Any, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    context = make()
    monkeypatch.setenv(URL, provider_server.url(MAPS) + version)

    frames = fetched_frames(context)

    asked = version.strip("/") or "v4"
    mix = {"v3": "power-breakdown", "v4": "electricity-mix"}[asked]
    paths = {request.path for request in provider_server.requests(MAPS)}
    assert paths == {
        f"/{asked}/zones",
        f"/{asked}/carbon-intensity/past-range",
        f"/{asked}/carbon-intensity/forecast",
        f"/{asked}/{mix}/past-range",
    }
    assert all(not frames[name].is_empty() for name in ("grid_intensities", "grid_generation"))


def test_run_stores_what_the_provider_says(make: Any, provider_server: Any) -> None:
    state = provider_server.state(MAPS)

    frames = fetched_frames(make())

    rows = frames["grid_intensities"].to_dicts()
    # 14 days of hours; the end, 12:00, is left out.
    assert len(rows) == 14 * 24
    assert max(row["interval_start_at"] for row in rows) == NOON - HOUR
    assert all(
        row["carbon_intensity_gco2e_per_kwh"] == state.intensity("DE", row["interval_start_at"])
        for row in rows
    )
    estimated = {row["interval_start_at"] for row in rows if row["is_estimated"]}
    # An hour is an estimate until three hours after its beginning.
    assert estimated == {NOON - HOUR, NOON - 2 * HOUR}
    assert frames["grid_forecasts"].height == 25
    mix = frames["grid_generation"].filter(pl.col("interval_start_at") == NOON - 5 * HOUR)
    reported = {row["production_type"]: row["generation_mw"] for row in mix.to_dicts()}
    assert "nuclear" not in reported
    assert reported["wind"] == state.power("DE", "wind", NOON - 5 * HOUR)
    assert reported["hydro storage"] == state.power("DE", "hydro discharge", NOON - 5 * HOUR)


def test_later_run_asks_four_times_however_long_the_history(
    make: Any, provider_server: Any
) -> None:
    loaded = (Span(datetime(2017, 1, 1, tzinfo=UTC), NOON - HOUR),)
    coverage = {"DE": loaded, "electricity-mix:DE": loaded}

    frames = fetched_frames(make(coverage=coverage))

    # The zones, both signals (in two pieces each if ten days end in the 48 hours), the forecast.
    assert len(provider_server.requests(MAPS)) in (4, 6)
    assert frames["grid_intensities"]["interval_start_at"].min() == NOON - 2 * DAY


def test_backfill_asks_for_ten_days_at_a_time_and_no_hour_twice(
    make: Any, provider_server: Any
) -> None:
    span = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 15, tzinfo=UTC))

    frames = fetched_frames(make(backfill=span))

    starts = frames["grid_intensities"]["interval_start_at"]
    assert starts.n_unique() == starts.len() == 45 * 24
    assert (starts.min(), starts.max()) == (span.start_at, span.end_at - HOUR)
    assert not provider_server.requests(MAPS, "forecast")
    assert len(provider_server.requests(MAPS, "carbon-intensity/past-range")) in (5, 6)


def test_sandbox_key_stops_at_once_and_stores_nothing(
    make: Any, provider_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = make(only_zones=("DE", "FR", "GB", "US-CAL-CISO"))
    monkeypatch.setenv("ELECTRICITYMAPS_API_KEY", "planted-sandbox-key")
    given = fetch(context)

    with pytest.raises(SourceError, match="invented numbers") as caught:
        next(given)

    assert "ELECTRICITYMAPS_API_KEY" in caught.value.remedy
    assert "planted-sandbox-key" not in str(caught.value)
    # The zones, and one request for each of the two zones that are asked for at a time.
    assert len(provider_server.requests(MAPS)) <= 4


def test_zone_without_a_right_does_not_stop_the_others(make: Any, provider_server: Any) -> None:
    provider_server.state(MAPS).allowed = {"FR"}
    loaded = (Span(NOON - DAY, NOON - HOUR),)
    coverage = {"FR": loaded, "electricity-mix:FR": loaded}
    given = fetch(make(only_zones=("DE", "FR"), coverage=coverage))

    assert {next(given).about["zone"] for _ in range(3)} == {"FR"}
    with pytest.raises(SourceError, match=r"1 of 2 parts.*Token unauthorized for zoneKey=DE"):
        list(given)


def test_plan_without_ranges_has_the_last_day(make: Any, provider_server: Any) -> None:
    provider_server.faults.add(
        MAPS, "403_text", path_part="past-range", message="Endpoint not available"
    )

    frames = fetched_frames(make())

    starts = frames["grid_intensities"]["interval_start_at"]
    assert starts.len() == 24
    assert starts.max() == NOON
    assert not frames["grid_generation"].is_empty()


def test_zones_are_those_that_the_key_opens(make: Any, provider_server: Any) -> None:
    context = make(only_zones=())

    zones = {fetched.about["zone"] for fetched in fetch(context)}

    assert zones == set(provider_server.state(MAPS).zones)


def test_key_of_every_zone_asks_for_a_few(make: Any, provider_server: Any) -> None:
    state = provider_server.state(MAPS)
    state.zones = {f"US-X{number}": {"zoneName": "X"} for number in range(30)} | state.zones

    zones = [fetched.about["zone"] for fetched in fetch(make(only_zones=()))]

    # Ten, those of large cloud regions first: all that this provider has of them, then others.
    assert len(set(zones)) == 10
    assert {"DE", "FR", "GB", "US-CAL-CISO", "US-MIDA-PJM"} < set(zones)


def test_error_with_status_200_is_reported(make: Any, provider_server: Any) -> None:
    provider_server.faults.add(MAPS, "error_200", path_part="carbon-intensity")

    with pytest.raises(SourceError, match=r"carbon-intensity/past-range.*No recent data"):
        list(fetch(make()))


def test_key_is_in_no_body_and_no_request(make: Any, provider_server: Any) -> None:
    provider_server.faults.add(MAPS, "echo_secrets")

    given = list(fetch(make()))

    key = provider_server.state(MAPS).key
    assert key.encode() not in b"".join(fetched.body for fetched in given)
    assert key not in repr([(fetched.request, fetched.name, fetched.about) for fetched in given])
