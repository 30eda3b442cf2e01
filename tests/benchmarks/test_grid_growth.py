"""The price of growth: with ten times the history, the next incremental build must cost the same.

100 zones with hourly carbon intensities (4 million rows, four and a half years; against a tenth of
it), ten of them with generation by fuel beside it. Then one more hour comes, with two that are
revised. Measured is that next `dbt build` with all of its tests: the processor's time too, because
other programs share the machine's wall clock. Nothing here asserts a time.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import duckdb
import pytest

from flows.dbt_build import dbt_build
from flows.ingest import prepare_raw_tables
from flows.progress import Step
from warehouse.connections import build_connection
from warehouse.run import Run
from warehouse.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
ZONES, ZONES_WITH_GENERATION = 100, 10
HOURS = 40_000
FUELS = "['NG', 'NUC', 'WND', 'SUN', 'COL', 'PS']"
FIRST_RUN = datetime(2026, 11, 20, tzinfo=UTC)
Cost: TypeAlias = tuple[float, float]

pytestmark = pytest.mark.timeout(1800)


def _arrive(connection: duckdb.DuckDBPyConnection, hours: int, at: datetime) -> None:
    """So many hours up to ``at`` of every zone, as one body of each of two sources."""
    clock = f"timestamp '{at:%Y-%m-%d %H:%M:%S}'"
    provenance = (
        f"'{at} {hours}' as landing_id, '' as landed_sha256, {clock} as fetched_at, "
        f"{clock} as recorded_at, 'benchmark' as run_id"
    )
    connection.execute(
        f"""
        create or replace temp table hours as
        select country_iso2 as provider_zone, unnest(generate_series(
            {clock} - interval {hours} hour, {clock} - interval 1 hour, interval 1 hour
        )) as interval_start_at, 60 as interval_minutes
        from (
            select country_iso2 from read_csv('{PROJECT}/dbt/seeds/countries.csv', header = true)
            order by country_iso2 limit {ZONES}
        );
        insert into raw.grid_intensities by name
        select *, 'average' as intensity_basis, 'lifecycle' as emission_factor_scope,
            'consumption' as flow_basis, false as is_estimated, 'electricity-maps' as source_id,
            100 + hash(provider_zone, interval_start_at, '{at}') % 600
                as carbon_intensity_gco2e_per_kwh, {provenance}
        from hours;
        insert into raw.grid_generation by name
        select *, 100 + hash(provider_zone, interval_start_at, production_type) % 600
            as generation_mw, 'eia' as source_id, {provenance}
        from (
            select *, unnest({FUELS}) as production_type from hours
            where provider_zone in (
                select distinct provider_zone from hours order by 1 limit {ZONES_WITH_GENERATION}
            )
        );
        insert into raw.loads by name
        select unnest(['electricity-maps', 'eia']) as source_id, '{at} {hours}' as landing_id,
            '' as landed_sha256, 1 as parser_version, 1 as row_count, {clock} as loaded_at,
            {clock} as recorded_at
        """
    )


def _build(settings: Settings, at: datetime) -> Cost:
    """Seconds on the wall and of the processor, children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    dbt_build(settings, Run.start(at), f"{at:%Y%m%dT%H%M%SZ}", Step("dbt build"))
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with build_connection(settings) as connection:
        connection.execute(
            "insert into raw.builds by name select 'published' as status, ? as run_id, ? as as_of",
            [str(at), at.replace(tzinfo=None)],
        )
    processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall_s, processor_s


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    lines: list[str] = []
    yield lines
    with capsys.disabled():
        print("".join(f"\n  {line}" for line in lines))  # noqa: T201


def test_next_build_after_ten_times_more_history(tmp_path: Path, report: list[str]) -> None:
    costs: dict[int, list[Cost]] = {}
    warehouses = {hours: Settings(data_dir=tmp_path / str(hours)) for hours in (HOURS // 10, HOURS)}
    for hours, settings in warehouses.items():
        settings.build_path.parent.mkdir(parents=True)
        prepare_raw_tables(settings)
        with build_connection(settings) as connection:
            _arrive(connection, hours, FIRST_RUN)
        wall_s, processor_s = _build(settings, FIRST_RUN)
        size_mb = settings.build_path.stat().st_size / 1e6
        report.append(
            f"{ZONES * hours:,} rows: first build {wall_s:.0f} s, processor {processor_s:.0f} s, "
            f"{size_mb:.0f} MB to copy at each publication"
        )
    # By turns, so that whatever else the machine does meets both.
    for number in range(1, 4):
        at = FIRST_RUN + timedelta(hours=number)
        for hours, settings in warehouses.items():
            with build_connection(settings) as connection:
                _arrive(connection, 3, at)
            costs.setdefault(hours, []).append(_build(settings, at))
    small, large = (
        tuple(min(cost[part] for cost in costs[hours]) for part in (0, 1)) for hours in warehouses
    )
    report.append(
        f"next build: {large[0]:.1f} s against {small[0]:.1f} s ({large[0] / small[0]:.2f} times); "
        f"processor {large[1]:.1f} s against {small[1]:.1f} s ({large[1] / small[1]:.2f} times)"
    )
