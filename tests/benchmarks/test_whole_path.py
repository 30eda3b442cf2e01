"""Speed and memory of the whole path on the embedded sources, by the commands that a user types.

`make bench` runs these and prints what it measured; docs/benchmarks.md keeps the figures. Nothing
here asserts a time: machines are noisy, and a slow one is not a fault.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from warehouse.read import PublishedWarehouse
from warehouse.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
JOULEHOUSE = str(Path(sys.executable).with_name("joulehouse"))
PREDICTED_ROWS = 100_000
Run = Callable[..., Any]

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def joulehouse(data_dir: Path, measure: Run) -> Run:
    """Run the command line on a data directory of its own."""
    environment = {"JOULEHOUSE_DATA_DIR": str(data_dir)}
    return lambda *words: measure([JOULEHOUSE, *words], environment=environment, folder=PROJECT)


@pytest.fixture(scope="module")
def first_refresh(joulehouse: Run) -> Any:
    return joulehouse("refresh")


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    lines: list[str] = []
    yield lines
    with capsys.disabled():
        for line in lines:
            sys.stdout.write(f"\n  {line}")


def test_full_refresh(first_refresh: Any, report: list[str]) -> None:
    report.append(
        f"full refresh: {first_refresh.wall_s:.0f} s, {first_refresh.peak_memory_gib:.2f} GiB"
    )
    report.extend(line.strip() for line in first_refresh.output.splitlines() if "✓" in line)
    assert "is current" in first_refresh.output


def test_refresh_with_nothing_new(joulehouse: Run, first_refresh: Any, report: list[str]) -> None:
    again = joulehouse("refresh")

    report.append(
        f"refresh with nothing new: {again.wall_s:.0f} s "
        f"({again.wall_s / first_refresh.wall_s:.2f} of the full one)"
    )
    report.extend(line.strip() for line in again.output.splitlines() if "✓" in line)
    assert again.output.count("nothing new") >= 5


@pytest.mark.parametrize("task", ["training", "inference"])
def test_predict_many_rows(
    task: str, joulehouse: Run, first_refresh: Any, tmp_path: Path, report: list[str]
) -> None:
    rows = {
        "training": {
            "parameters_total": [7e9, 70e9],
            "tokens": [2e12, 15e12],
            "hardware": ["A100-80GB", "H100"],
            "hardware_count": [512, 2048],
            "region": ["FR", "us-east-1"],
        },
        "inference": {
            "parameters_total": [8e9, 70e9],
            "gpu": ["H100", "B200"],
            "gpu_count": [1, 4],
            "concurrency": [8, 64],
            "output_tokens": [300, 600],
            "region": ["FR", "us-east-1"],
        },
    }[task]
    frame = pl.DataFrame(rows)
    inputs, outputs = tmp_path / "configs.csv", tmp_path / "out.csv"
    pl.concat([frame] * (PREDICTED_ROWS // frame.height)).write_csv(inputs)

    taken = joulehouse("predict", task, "--input", str(inputs), "--output", str(outputs))

    answered = pl.read_csv(outputs, infer_schema_length=None)
    report.append(
        f"predict {task}, {PREDICTED_ROWS:,} rows: {taken.wall_s:.1f} s, "
        f"{taken.peak_memory_gib:.2f} GiB"
    )
    assert answered.height == PREDICTED_ROWS
    assert answered["error"].null_count() == PREDICTED_ROWS


def test_an_analysts_queries(data_dir: Path, first_refresh: Any, report: list[str]) -> None:
    warehouse = PublishedWarehouse.open(Settings(data_dir=data_dir))
    queries = {
        "monthly intensity of every zone": """
            select grid_zone_id, date_trunc('month', interval_start_at) as month_start_at,
                avg(carbon_intensity_gco2e_per_kwh)
            from fct_grid_carbon_intensity
            where interval_minutes = 60 and emission_factor_scope = 'lifecycle'
            group by all
        """,
        "EcoLogits' equation on ten million requests": """
            select sum(ecologits_request_energy_wh(
                parameters_active_billion := 8, parameters_total_billion := 8,
                output_tokens := range % 1000, pue_ratio := 1.2))
            from range(10000000)
        """,
        "every column of every mart": "select * from meta_columns",
    }
    for name, sql in queries.items():
        times = []
        for _ in range(5):
            started = time.perf_counter()
            answer = warehouse.query(sql)
            times.append(time.perf_counter() - started)
        report.append(f"{name}: {statistics.median(times) * 1000:.0f} ms (median of 5)")
        assert answer.height > 0
