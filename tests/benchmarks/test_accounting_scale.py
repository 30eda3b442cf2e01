"""Accounting at scale: four years of 120 zones by the hour, and ten million inference requests.

Measured is the full `dbt build` with all of its tests, the next one after a day more, and the same
after a third of the history; the processor's time too, because other programs share the machine's
wall clock. Rows are put straight into the raw tables: loading is measured in test_loading.py.
Nothing here asserts a time. SCALE_USES asks for another number of requests.
"""

from __future__ import annotations

import os
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
ZONES, DAYS = 120, 1461
USES = int(os.environ.get("SCALE_USES", "10000000"))
FIRST_RUN = datetime(2026, 11, 20, tzinfo=UTC)
# As a refresh does: what stands on the sources that brought something.
SLIM = (
    *("--select", "source:*.grid_intensities+", "source:*.measurements+", "source:*.quarantine+"),
    *("--exclude-resource-type", "unit_test"),
)
Cost: TypeAlias = tuple[float, float]

pytestmark = pytest.mark.timeout(3600)


def _arrive(connection: duckdb.DuckDBPyConnection, days: int, until: datetime) -> None:
    """So many days of hours and of uses up to ``until``, each source in one body."""
    clock = f"timestamp '{until:%Y-%m-%d %H:%M:%S}'"
    start = f"timestamp '{until - timedelta(days=days):%Y-%m-%d %H:%M:%S}'"
    provenance = (
        f"'{until} {days}' as landing_id, '' as landed_sha256, {clock} as fetched_at, "
        f"{clock} as recorded_at, 'benchmark' as run_id"
    )
    connection.execute(
        f"""
        create or replace temp table zones as
        select country_iso2 as zone, row_number() over (order by country_iso2) - 1 as number
        from read_csv('{PROJECT}/dbt/seeds/countries.csv', header = true)
        order by country_iso2 limit {ZONES};
        insert into raw.grid_intensities by name
        select zone as provider_zone, {start} + to_hours(hour) as interval_start_at,
            60 as interval_minutes, 'average' as intensity_basis,
            'lifecycle' as emission_factor_scope, 'consumption' as flow_basis,
            false as is_estimated, 'electricity-maps' as source_id,
            100 + hash(zone, hour) % 600 as carbon_intensity_gco2e_per_kwh, {provenance}
        from zones, range({24 * days}) as hours (hour);
        insert into raw.measurements by name
        select '{until:%Y%m%d}-' || use as measurement_id, 'inference_use' as subject_kind,
            'it' as boundary, 'counter' as label_kind, 'request' as functional_unit,
            'project ' || use % 12 as project, 'cloud' as ownership,
            'Llama 3.1 8B' as model_name, 1 as request_count, 100 + use % 900 as output_tokens,
            'H100' as hardware, 1 as hardware_count, 0.001 as duration_h, zone as region,
            {start} + to_seconds((hash(use) % {86400 * days})::bigint) as started_at,
            case when use % 10 > 0 then 0.0005 + use % 100 / 1e5 end as energy_kwh,
            'measurements' as source_id, {provenance}
        from range({USES * days // DAYS}) as uses (use)
        inner join zones on zones.number = use % {ZONES};
        insert into raw.loads by name
        select unnest(['electricity-maps', 'measurements']) as source_id,
            '{until} {days}' as landing_id, '' as landed_sha256, 1 as parser_version,
            1 as row_count, {clock} as loaded_at, {clock} as recorded_at
        """
    )


def _build(settings: Settings, at: datetime, *more: str) -> Cost:
    """Seconds on the wall and of the processor, children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    dbt_build(settings, Run.start(at), f"{at:%Y%m%dT%H%M%SZ}", Step("dbt build"), selection=more)
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


def test_full_build_and_the_day_after(tmp_path: Path, report: list[str]) -> None:
    costs: dict[int, list[Cost]] = {}
    for days in (DAYS // 3, DAYS):
        settings = Settings(data_dir=tmp_path / str(days), duckdb_memory_limit="5GB")
        settings.build_path.parent.mkdir(parents=True)
        prepare_raw_tables(settings)
        with build_connection(settings) as connection:
            _arrive(connection, days, FIRST_RUN)
        wall_s, processor_s = _build(settings, FIRST_RUN)
        peak_gb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        report.append(
            f"{USES * days // DAYS:,} uses, {ZONES * 24 * days:,} hours: "
            f"full build {wall_s:.0f} s, processor {processor_s:.0f} s, at most {peak_gb:.1f} GB, "
            f"{settings.build_path.stat().st_size / 1e6:.0f} MB"
        )
        for number in (1, 2):
            at = FIRST_RUN + timedelta(days=number)
            with build_connection(settings) as connection:
                _arrive(connection, 1, at)
            costs.setdefault(days, []).append(_build(settings, at, *SLIM))
    small, large = (
        tuple(min(cost[part] for cost in costs[days]) for part in (0, 1))
        for days in (DAYS // 3, DAYS)
    )
    report.append(
        f"next day: {large[0]:.1f} s against {small[0]:.1f} s ({large[0] / small[0]:.2f} times); "
        f"processor {large[1]:.1f} s against {small[1]:.1f} s ({large[1] / small[1]:.2f} times)"
    )
