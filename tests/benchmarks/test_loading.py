"""How fast landed bodies become rows: four million hours of grids, a million models of the Hub.

The limit is DuckDB reading the same rows from Parquet into a table, in the same process. Nothing
asserts a time; docs/benchmarks.md keeps the figures.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from flows.ingest import prepare_raw_tables
from flows.ingest_source import SourceRun
from flows.sources.protocol import Source
from flows.sources.registry import SOURCES
from warehouse.connections import build_connection
from warehouse.landing import Fetched, Landing
from warehouse.run import Run
from warehouse.settings import Settings

ZONES, HOURS = 100, 40_032  # four years and seven months
MODELS = 1_000_000
START = datetime(2022, 1, 1, tzinfo=UTC)
NOW = Run.start(datetime(2026, 11, 22, tzinfo=UTC))

pytestmark = pytest.mark.timeout(1800)


@dataclass
class Took:
    """Wall time, processor time, and the most memory that this process held meanwhile."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_gib: float = 0.0


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def say(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n  {line}")

    return say


def measured(work: Callable[[], object]) -> Took:
    process, is_over, peaks = psutil.Process(), threading.Event(), [0]

    def sample() -> None:
        while not is_over.wait(0.1):
            peaks.append(process.memory_info().rss)

    sampler = threading.Thread(target=sample)
    sampler.start()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        work()
    finally:
        took = Took(time.perf_counter() - wall, time.process_time() - cpu)
        is_over.set()
        sampler.join()
    took.peak_gib = max(peaks) / 2**30
    return took


def compare(
    folder: Path, source: Source, table: str, bodies: Iterable[Fetched], say: Callable[[str], None]
) -> None:
    """Land the bodies, load them, and read the same rows from Parquet."""
    settings = Settings(data_dir=folder)
    prepare_raw_tables(settings)
    landing = Landing(settings)
    count = sum(1 for body in bodies if landing.land(source.source_id, body, NOW))
    ours = measured(SourceRun(source, settings, NOW, loading=threading.Lock()).load_what_landed)
    with build_connection(settings) as connection:
        rows = connection.sql(f"select count(*) from raw.{table}").fetchall()[0][0]
        path = folder / "rows.parquet"
        connection.execute(f"copy raw.{table} to '{path}'")
    again = Settings(data_dir=folder / "limit")
    with build_connection(again) as connection:
        limit = measured(
            lambda: connection.execute(f"create table rows as from '{path}'").fetchall()
        )
    assert rows > 0
    say(
        f"{source.source_id}: {rows:,} rows of {count:,} bodies in {ours.wall_s:.1f} s "
        f"({rows / ours.wall_s:,.0f} rows/s; {ours.cpu_s:.1f} s of processor), "
        f"at most {ours.peak_gib:.2f} GiB"
    )
    say(
        f"  the same rows from Parquet: {limit.wall_s:.1f} s ({rows / limit.wall_s:,.0f} rows/s; "
        f"{limit.cpu_s:.1f} s of processor); ours took {ours.wall_s / limit.wall_s:.1f} times as "
        f"long, {ours.cpu_s / limit.cpu_s:.1f} times by processor time"
    )


@pytest.mark.parametrize("days", [None, 366], ids=["a-body-a-zone", "a-body-a-year"])
def test_four_million_hours(
    tmp_path: Path, provider_server: object, report: Callable[[str], None], days: int | None
) -> None:
    from local_providers.generate import energy_charts_bodies

    chunk = timedelta(days=days) if days else None
    bodies = (
        Fetched(
            body,
            f"{zone}.json",
            "application/json",
            f"GET /co2eq?country={zone}&part={number}",
            "CC BY 4.0",
            {"country": zone},
        )
        for number, (zone, body) in enumerate(
            energy_charts_bodies(ZONES, HOURS, start=START, chunk=chunk)
        )
    )
    compare(tmp_path, SOURCES["energy-charts"], "grid_intensities", bodies, report)


def test_a_million_models(
    tmp_path: Path, provider_server: object, report: Callable[[str], None]
) -> None:
    from local_providers.generate import hub_listing

    bodies = (
        Fetched(
            page,
            f"models-{number}.json",
            "application/json",
            f"GET /api/models?page={number}",
            "see each card",
            {"kind": "listing"},
        )
        for number, page in enumerate(hub_listing(MODELS))
    )
    compare(tmp_path, SOURCES["huggingface"], "huggingface_models", bodies, report)
