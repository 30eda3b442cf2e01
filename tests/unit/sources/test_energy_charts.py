"""Energy-Charts: who is asked what, and what becomes of zones that fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from flows.sources.context import FetchContext
from flows.sources.energy_charts import SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import SourceError
from warehouse.spans import Span

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHARTS = SOURCE.source_id


@pytest.fixture
def make(ask_provider: Any) -> Any:
    def context(as_of: datetime = NOON, **changes: Any) -> FetchContext:
        changes = {"only_zones": ("de",), **changes}
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


def test_run_asks_each_zone_twice_and_stores_what_the_provider_says(
    make: Any, provider_server: Any
) -> None:
    loaded = (Span(NOON - 30 * DAY, NOON - 3 * HOUR),)
    context = make(only_zones=("de", "fr"), coverage={"de": loaded, "fr": loaded})

    frames = fetched_frames(context)

    # 90-day pieces are cut at fixed instants; none is cut in these 48 hours.
    assert len(provider_server.requests(CHARTS)) == 4
    state = provider_server.state(CHARTS)
    actuals = frames["grid_intensities"].to_dicts()
    assert {row["provider_zone"]: row["interval_minutes"] for row in actuals} == {
        "de": 15,
        "fr": 60,
    }
    assert all(
        row["carbon_intensity_gco2e_per_kwh"]
        == state.actual(row["provider_zone"], row["interval_start_at"])
        for row in actuals
    )
    solar = frames["grid_generation"].filter(
        (pl.col("production_type") == "Solar") & (pl.col("provider_zone") == "de")
    )
    # Quarter-hours from 48 hours ago to two hours ago, when the newest became known.
    assert solar.height == 46 * 4 + 1
    assert all(
        row["generation_mw"] == state.generation("de", "Solar", row["interval_start_at"])
        for row in solar.to_dicts()
    )
    assert not frames["grid_generation"]["production_type"].is_in(["Load", "Residual load"]).any()


def test_backfill_asks_for_generation_only(make: Any, provider_server: Any) -> None:
    span = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))

    frames = fetched_frames(make(only_zones=("fr",), backfill=span))

    # 181 days are three or four pieces of at most 90 days.
    assert len(provider_server.requests(CHARTS, "/public_power")) in (3, 4)
    assert not provider_server.requests(CHARTS, "/co2eq")
    hours = frames["grid_generation"]["interval_start_at"].unique().sort()
    assert hours.min() == span.start_at
    assert (hours.diff().drop_nulls() == HOUR).all()
    # The end is included by the provider.
    assert hours.max() == span.end_at


def test_zone_without_intensity_still_gives_generation(make: Any, provider_server: Any) -> None:
    provider_server.faults.add(CHARTS, "404", path_part="/co2eq")
    given = fetch(make())

    assert next(given).covers.series_id == "de"
    with pytest.raises(SourceError, match=r"co2eq\?country=de.*404"):
        list(given)


def test_zone_that_fails_does_not_stop_the_others(make: Any, provider_server: Any) -> None:
    provider_server.faults.add(CHARTS, "error_200", path_part="country=fr")
    loaded = (Span(NOON - DAY, NOON - HOUR),)
    context = make(only_zones=("de", "at", "fr"), coverage={"de": loaded, "at": loaded})
    given = fetch(context)

    assert [next(given).about["country"] for _ in range(4)] == ["de", "de", "at", "at"]
    with pytest.raises(SourceError, match=r"1 of 3 parts failed.*data base is not available"):
        list(given)


@pytest.mark.parametrize("fault", ["duplicates", "shuffled"])
def test_disorder_in_the_rows_changes_nothing(make: Any, provider_server: Any, fault: str) -> None:
    def generation() -> pl.DataFrame:
        frame = fetched_frames(make())["grid_generation"].unique()
        return frame.sort("production_type", "interval_start_at")

    plain = generation()
    provider_server.faults.add(CHARTS, fault)

    assert generation().equals(plain)


def test_country_without_content_is_passed_over(make: Any, provider_server: Any) -> None:
    provider_server.state(CHARTS).countries = ["de"]

    given = list(fetch(make(only_zones=("xk", "de"))))

    assert {fetched.about["country"] for fetched in given} == {"de"}


def test_nothing_from_any_country_is_an_error(make: Any, provider_server: Any) -> None:
    provider_server.state(CHARTS).countries = []

    with pytest.raises(SourceError, match="no content available"):
        list(fetch(make(only_zones=("xk", "de"))))


def test_default_zones_are_zones() -> None:
    assert set(SOURCE.default_zones) < set(SOURCE.zones)
