"""Several simulated days of the grid sources, against servers that play the providers.

What is in the raw tables is compared with the servers' truth row by row, and requests are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from flows.backfill import backfill
from flows.ingest import ingest
from flows.sources.registry import SOURCES
from warehouse.settings import Settings, get_settings

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

DAY, HOUR, HALF_HOUR = timedelta(days=1), timedelta(hours=1), timedelta(minutes=30)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RUNS = [NOON - 3 * DAY, NOON - 2 * DAY, NOON - DAY, NOON]
BEGIN = RUNS[0] - 14 * DAY  # the first run goes back so far
LONG_AGO = BEGIN - 30 * DAY
REVISED_AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
BACKFILLED = ("gb-carbon-intensity", "eia")
INTENSITY = "carbon_intensity_gco2e_per_kwh"


@dataclass
class Lived:
    """What four simulated days left behind."""

    settings: Settings
    truth: dict[str, dict[tuple[Any, ...], float]] = field(default_factory=dict)
    requests: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    outcomes: list[Any] = field(default_factory=list)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.build_path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def newest(self, table: str, columns: str, value: str, where: str = "true"):
        """The newest version of each key, instants aware."""
        rows = self.query(
            f"select {columns}, {value} from raw.{table} where {where} "
            f"qualify row_number() over (partition by {columns} order by recorded_at desc) = 1"
        )
        return {
            tuple(e.replace(tzinfo=UTC) if isinstance(e, datetime) else e for e in key): number
            for *key, number in rows
        }


@pytest.fixture(scope="module")
def lived(
    live, live_truth, _running_providers, prefect_server, tmp_path_factory
) -> Iterator[Lived]:
    """Four runs a day apart, with revisions between them; then one with nothing new.

    After a month of history was filled in, one more with nothing new.
    """
    server = _running_providers
    server.reset(RUNS[0])
    made = Lived(Settings(data_dir=tmp_path_factory.mktemp("lived")))
    registered = dict(SOURCES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOULEHOUSE_DATA_DIR", str(made.settings.data_dir))
        for name, value in live.variables(server).items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        SOURCES.clear()
        SOURCES.update(live.GRID)
        try:
            live_truth.revise(server, REVISED_AT, later=REVISED_AT + 8 * HOUR)
            made.truth["forecasts"] = {}
            for now in RUNS:
                server.world.now = now
                if now == RUNS[2]:
                    server.state("watttime").model_date = "2023-09-01"
                made.outcomes += ingest(as_of=now)
                made.truth["forecasts"] |= live_truth.forecasts(server, now)
            _ask_again(made, server, live, "short history")
            for source_id in BACKFILLED:
                backfill(source_id, LONG_AGO, BEGIN, as_of=NOON)
            _ask_again(made, server, live, "long history")
            made.truth |= {
                "intensities": live_truth.intensities(server, BEGIN, RUNS[0], NOON),
                "generation": live_truth.generation(server, BEGIN, NOON),
                "backfilled": live_truth.half_hours(server, LONG_AGO, BEGIN - HALF_HOUR),
                "marginal": live_truth.marginal(server, BEGIN, RUNS[1], "2023-03-01")
                | live_truth.marginal(server, RUNS[2] - 2 * DAY, NOON, "2023-09-01"),
            }
            yield made
        finally:
            SOURCES.clear()
            SOURCES.update(registered)
            get_settings.cache_clear()


def _ask_again(made: Lived, server, live, name: str) -> None:
    server.forget_requests()
    made.outcomes += ingest(as_of=NOON)
    made.requests[name] = {
        source_id: sorted(each.target for each in server.requests(source_id))
        for source_id in live.GRID
    }


def _same(found, truth) -> None:
    missing, invented = truth.keys() - found.keys(), found.keys() - truth.keys()
    assert not missing, f"{len(missing)} rows are missing: {sorted(missing, key=str)[:5]}"
    assert not invented, f"{len(invented)} rows are invented: {sorted(invented, key=str)[:5]}"
    assert found == pytest.approx(truth, rel=1e-12)


def test_every_run_went_well(lived):
    errors = [f"{each.source_id}: {each.error}" for each in lived.outcomes if each.error]
    assert errors == []
    assert {each.state for each in lived.outcomes} == {"loaded", "unchanged"}
    assert lived.query("select count(*) from raw.quarantine") == [(0,)]


def test_intensities_are_the_providers_row_by_row(lived):
    where = f"source_id <> 'watttime' and interval_start_at >= '{BEGIN - HALF_HOUR:%F %R}'"
    found = lived.newest("grid_intensities", "source_id, interval_start_at", INTENSITY, where)
    assert len(found) > 17 * 24 * 3
    _same(found, lived.truth["intensities"])


def test_marginal_rates_are_kept_for_each_model(lived):
    # The model changed between the second and the third run, which went two days back.
    where = "source_id = 'watttime' and intensity_basis = 'marginal'"
    found = lived.newest("grid_intensities", "interval_start_at, signal_model", INTENSITY, where)
    last_minutes = timedelta(minutes=10)  # not known yet when a run asked
    truth = {
        (at, model): value
        for (at, model), value in lived.truth["marginal"].items()
        if at + last_minutes <= (RUNS[1] if model == "2023-03-01" else NOON)
    }
    _same(found, truth)


def test_generation_is_the_providers_row_by_row(lived):
    found = lived.newest(
        "grid_generation",
        "source_id, interval_start_at, production_type",
        "generation_mw",
        f"interval_start_at >= '{BEGIN - HOUR:%F %R}'",
    )
    assert len({source_id for source_id, *_ in found}) == 4
    _same(found, lived.truth["generation"])


def test_forecasts_are_kept_beside_actuals(lived):
    columns = "provider_zone, target_at"
    where = "source_id = 'gb-carbon-intensity'"
    found = lived.newest("grid_undated_forecasts", columns, INTENSITY, where)
    _same(found, lived.truth["forecasts"])
    dated = lived.query(
        "select source_id, count(distinct issued_at), count(*) from raw.grid_forecasts "
        "group by all order by all"
    )
    # Four runs: 24 hours in hours with both ends, 24 hours in steps of five minutes.
    assert dated == [("electricity-maps", 4, 4 * 25), ("watttime", 4, 4 * 288)]


def test_revisions_are_versions(lived):
    versions = lived.query(
        f"select {INTENSITY}, recorded_at from raw.grid_intensities "
        f"where source_id = 'gb-carbon-intensity' and interval_start_at = '{REVISED_AT:%F %R}' "
        "order by recorded_at"
    )
    assert [at.replace(tzinfo=UTC) for _, at in versions] == [RUNS[2], RUNS[3]]
    assert versions[0][0] != versions[1][0] == 299
    # At noon the hours from 10 on are estimates, which are worked out anew by the next noon.
    # Nothing else of Electricity Maps changed, so that nothing else was stored again.
    estimated = lived.query(
        f"select hour(interval_start_at), count(*), count(distinct {INTENSITY}), "
        "bool_or(is_estimated), bool_and(is_estimated) from raw.grid_intensities "
        "where source_id = 'electricity-maps' group by interval_start_at having count(*) > 1 "
        "order by interval_start_at"
    )
    assert estimated == [(hour, 2, 2, True, False) for _ in RUNS[:3] for hour in (10, 11)]


def test_what_was_null_at_first_came_later(lived):
    rows = lived.query(
        "select production_type, generation_mw, recorded_at from raw.grid_generation "
        f"where source_id = 'eia' and interval_start_at = '{REVISED_AT:%F %R}' "
        "and production_type in ('NG', 'SUN', 'WAT') order by production_type"
    )
    # WAT was never reported: no row. SUN was reported as nothing: zero.
    assert [(name, value) for name, value, _ in rows] == [("NG", 777.0), ("SUN", 0.0)]
    assert [at.replace(tzinfo=UTC) for *_, at in rows] == [RUNS[3], RUNS[2]]


def test_no_version_says_what_the_one_before_it_said(lived):
    for table, value, key in (
        ("grid_intensities", INTENSITY, "signal_model"),
        ("grid_generation", "generation_mw", "production_type"),
    ):
        estimated = "is_estimated" if table == "grid_intensities" else "null"
        repeated = lived.query(
            f"with versions as (select {value} as value, {estimated} as is_estimated, "
            f"lag({value}) over w as before, lag({estimated}) over w as was_estimated "
            f"from raw.{table} window w as (partition by source_id, provider_zone, {key}, "
            "interval_start_at order by recorded_at)) select count(*) from versions "
            "where value = before and is_estimated is not distinct from was_estimated"
        )
        assert repeated == [(0,)], table


def test_requests_do_not_grow_with_history(lived):
    assert lived.requests["short history"] == lived.requests["long history"]
    counts = {source_id: len(asked) for source_id, asked in lived.requests["long history"].items()}
    # One zone each: two days of history of each signal, a forecast; a login, a list of zones. Two
    # days may straddle the end of a chunk, which makes two requests of one.
    most = {"gb-carbon-intensity": 3, "energy-charts": 3, "electricity-maps": 6, "watttime": 4}
    most |= {"eia": 2, "entsoe": 2}
    assert {each: count for each, count in counts.items() if not 1 <= count <= most[each]} == {}


def test_backfilled_history_is_whole(lived):
    where = (
        "source_id = 'gb-carbon-intensity' and interval_start_at between "
        f"'{LONG_AGO:%F %R}' and '{BEGIN - HOUR:%F %R}'"
    )
    found = lived.newest("grid_intensities", "source_id, interval_start_at", INTENSITY, where)
    assert len(found) == 30 * 48 - 1
    _same(found, lived.truth["backfilled"])
