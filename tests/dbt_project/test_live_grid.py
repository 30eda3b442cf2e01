"""Live grid figures: what is built in many steps is what would be built in one.

Rows arrive late, twice, revised and out of order, over several builds; the tables must then be
those that a single build of everything makes, to the last row.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from flows.dbt_build import dbt_build
from flows.ingest import prepare_raw_tables
from flows.progress import Step
from flows.sources import grid_tables
from warehouse.connections import build_connection
from warehouse.run import Run
from warehouse.schemas import ensure_schemas
from warehouse.settings import Settings

pytestmark = pytest.mark.slow

TABLES = {
    table.name: table
    for table in (
        grid_tables.GRID_INTENSITIES,
        grid_tables.GRID_FORECASTS,
        grid_tables.GRID_UNDATED_FORECASTS,
        grid_tables.GRID_GENERATION,
    )
}
BUILT = (
    "staging.stg_grid__zones",
    "staging.stg_grid__production_types",
    "intermediate.int_grid__live_mix",
    "main.fct_grid_carbon_intensity",
    "main.fct_grid_forecast",
)
MODELS = (
    "--select",
    *(f"+{name.split('.')[1]}" for name in BUILT),
    *("rpt_grid_current", "rpt_grid_outlook", "dim_grid_zones"),
    "+grid_carbon_intensity_as_of",
)
NO_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
FIRST_RUN = datetime(2026, 11, 2, tzinfo=UTC)

# One arrival: the source, the raw table, its rows, and the run's clock.
Arrival = tuple[str, str, list[dict[str, Any]], datetime]


def _intensity(zone: str, start: datetime, value: float, **other: object) -> dict[str, Any]:
    row = {"provider_zone": zone, "interval_start_at": start, "interval_minutes": 60}
    row |= {"intensity_basis": "average", "emission_factor_scope": "lifecycle"}
    row |= {"flow_basis": "production", "carbon_intensity_gco2e_per_kwh": value}
    return row | other


def _generation(zone: str, start: datetime, fuel: str, power_mw: float) -> dict[str, Any]:
    row = {"provider_zone": zone, "interval_start_at": start, "interval_minutes": 60}
    return row | {"production_type": fuel, "generation_mw": power_mw}


def _forecast(zone: str, issued: datetime, target: datetime, value: float) -> dict[str, Any]:
    row = _intensity(zone, target, value, issued_at=issued, target_at=target)
    del row["interval_start_at"]
    return row


def _arrive(settings: Settings, arrivals: list[Arrival]) -> None:
    """Put rows into the raw tables, with the record of their load, as the loader does."""
    with build_connection(settings) as connection:
        for number, (source_id, table_name, rows, recorded_at) in enumerate(arrivals):
            clock = recorded_at.replace(tzinfo=None)
            columns = TABLES[table_name].schema
            frame = pl.DataFrame(
                {name: [row.get(name) for row in rows] for name in columns}, schema=columns
            ).with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))
            landing_id = f"{source_id} {table_name} {clock} {number}"
            connection.register("incoming", frame)
            provenance = [source_id, landing_id, landing_id, clock, clock, str(clock)]
            connection.execute(
                f"insert into raw.{table_name} by name select *, ? as source_id, ? as landing_id, "
                "? as landed_sha256, ? as fetched_at, ? as recorded_at, ? as run_id from incoming",
                provenance,
            )
            connection.execute(
                "insert into raw.loads by name select ? as source_id, ? as landing_id, "
                "? as landed_sha256, 1 as parser_version, ? as row_count, ? as loaded_at, "
                "? as recorded_at",
                [source_id, landing_id, landing_id, len(rows), clock, clock],
            )


def _settings(folder: Path) -> Settings:
    settings = Settings(data_dir=folder)
    settings.build_path.parent.mkdir(parents=True)
    prepare_raw_tables(settings)
    with build_connection(settings) as connection:
        ensure_schemas(connection, TABLES.values())
    return settings


def _build(settings: Settings, at: datetime, *more: str, full_refresh: bool = False) -> None:
    dbt_build(
        settings,
        Run.start(at),
        f"{at:%Y%m%dT%H%M%SZ}",
        Step("dbt build"),
        selection=(*MODELS, *more),
        full_refresh=full_refresh,
    )


def _differences(one: Settings, other: Settings) -> dict[str, int]:
    """How many rows each table has that the other warehouse's table has not."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one.build_path}' as one (read_only)")
        connection.execute(f"attach '{other.build_path}' as other (read_only)")
        found = {}
        for table in BUILT:
            row = connection.execute(
                f"""
                select
                    (select count(*) from (
                        from (from one.{table} except all from other.{table})
                        union all
                        from (from other.{table} except all from one.{table})
                    )),
                    (select count(*) from one.{table})
                """
            ).fetchone()
            assert row is not None
            assert row[1] > 0, f"{table} is empty, and so proves nothing"
            found[table] = row[0]
    return found


def _query(settings: Settings, sql: str, *parameters: object) -> pl.DataFrame:
    with build_connection(settings) as connection:
        return connection.execute(sql, parameters).pl()


def _history() -> list[list[Arrival]]:
    """What four runs bring: three weeks over the end of a month, then late and revised rows."""
    dice = random.Random(20261122)  # noqa: S311
    hours = [datetime(2026, 10, 20, tzinfo=UTC) + timedelta(hours=hour) for hour in range(336)]
    fuels = {"Fossil Gas": 300.0, "Wind Onshore": 200.0, "Hydro Pumped Storage": -40.0, "Tea": 0.0}

    def mix(zone: str, hour: datetime) -> list[dict[str, Any]]:
        return [
            _generation(zone, hour, fuel, power * dice.choice([1, 1, 1, 1.1, 0, 8]))
            for fuel, power in fuels.items()
        ]

    def said(zone: str, hour: datetime, **other: object) -> dict[str, Any]:
        return _intensity(zone, hour, dice.choice([100.0, 200.0, 2500.0]), **other)

    def ahead(hour: datetime) -> list[dict[str, Any]]:
        return [
            _forecast("GB", hour, hour + timedelta(hours=step), dice.uniform(50, 300))
            for step in range(24)
        ]

    runs: list[list[Arrival]] = []
    for number in range(4):
        at = FIRST_RUN + timedelta(hours=6 * number)
        if number == 0:
            chosen = [hour for hour in hours if dice.random() < 0.9]
        else:  # late hours, and hours that were there, with other figures
            chosen = dice.sample(hours, 40)
        runs.append(
            [
                ("entsoe", "grid_generation", [r for h in chosen for r in mix("DE_LU", h)], at),
                ("entsoe", "grid_generation", [r for h in chosen[::2] for r in mix("FR", h)], at),
                ("entsoe", "grid_generation", mix("NO_SUCH_ZONE", chosen[0]), at),
                # Its own figure for some of the hours whose generation it gives as well.
                ("entsoe", "grid_intensities", [said("FR", h) for h in chosen[::3]], at),
                ("watttime", "grid_intensities", [said("US-CAL-X", h) for h in chosen], at),
                (
                    "watttime",
                    "grid_intensities",
                    [said("US-CAL-X", h, signal_model="2026-01-01") for h in chosen[:9]],
                    at,
                ),
                ("gb", "grid_forecasts", [r for h in chosen[:5] for r in ahead(h)], at),
                ("gb", "grid_undated_forecasts", ahead(at), at),
            ]
        )
    return runs


def test_built_step_by_step_is_as_built_at_once_whatever_the_order(tmp_path: Path) -> None:
    runs = _history()
    stepwise, at_once = _settings(tmp_path / "stepwise"), _settings(tmp_path / "at_once")

    stood = {}
    for arrivals in runs:
        at = arrivals[0][3]
        _arrive(stepwise, arrivals)
        _build(stepwise, at, *NO_TESTS)
        stood[at] = _query(stepwise, "from fct_grid_carbon_intensity")
    shuffled = [arrival for arrivals in runs for arrival in arrivals]
    dice = random.Random(7)  # noqa: S311
    dice.shuffle(shuffled)
    for _, _, rows, _ in shuffled:
        dice.shuffle(rows)
    _arrive(at_once, shuffled)
    _build(at_once, FIRST_RUN + timedelta(days=1), "--indirect-selection", "cautious")

    assert _differences(stepwise, at_once) == dict.fromkeys(BUILT, 0)
    for at, then in stood.items():
        restated = _query(at_once, "from grid_carbon_intensity_as_of(?)", at.replace(tzinfo=None))
        assert restated.height == then.height > 100
        assert restated.join(then, on=then.columns, how="anti", nulls_equal=True).is_empty()
    _build(stepwise, FIRST_RUN + timedelta(days=2), *NO_TESTS)
    assert _differences(stepwise, at_once) == dict.fromkeys(BUILT, 0), "a build without news"
