"""Lead Green: measured inference energy (ML.ENERGY v3) and yearly grid intensity (Ember).

The wheel holds the provider's published JSON. Field names and units in ``raw`` are theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from flows.sources.archives import Archive, text_frame
from flows.sources.context import FetchContext
from flows.sources.packages import Package, fetch_package
from flows.sources.protocol import Source, reading_bytes
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table, conform

PACKAGE = Package(
    name="leadgreen-mcp",
    version="0.3.1",
    sha256="54a2d0b9efdb1dd0e4cfc4619adbff38824738be2b51efca16aab9dd41faaa8b",
)
_LICENCE = (
    "Lead Green compilation: CC BY 4.0. Measurements by ML.ENERGY: Apache-2.0 according to the "
    "card of its data set ml-energy/benchmark-v3. Grid intensities by Ember: CC BY 4.0. All may be "
    "shown and shipped if Lead Green, ML.ENERGY and Ember are each credited."
)
_ENERGY_UNIT = "Wh per million output tokens"
_GRID_UNIT = "gCO2e per kWh"
_MODELS = "leadgreen_mcp/data/models/"
_GRID = "leadgreen_mcp/data/grid.json"


def _text(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pl.String, description, required=required)


def _whole(name: str, description: str) -> Column:
    return Column(name, pl.Int64, description, unit="count", required=True, minimum=1)


def _measure(name: str, description: str, unit: str) -> Column:
    return Column(name, pl.Float64, description, unit=unit, required=True, minimum=0)


CONFIGURATIONS = Table(
    "leadgreen_configurations",
    "One row per measured serving configuration of a model, as published by Lead Green",
    (
        _text("row_id", "Provider's key of the configuration, repeats included", required=True),
        _whole("repeat", "Which of several runs of the same configuration"),
        _text("slug", "Provider's key of the model", required=True),
        _text("name", "Model name as displayed", required=True),
        _text("model_id", "Model's repository on Hugging Face"),
        _measure("params_b", "Total parameters", "billion"),
        _measure("active_params_b", "Parameters active per token", "billion"),
        Column(
            "architecture",
            pl.String,
            "Architecture of the model",
            required=True,
            allowed=("Dense Transformer", "MoE", "Mamba-Transformer Hybrid"),
        ),
        _text("gpu", "GPU model", required=True),
        _whole("num_gpus", "GPUs that served the model"),
        _whole("tensor_parallel", "Degree of tensor parallelism"),
        _whole("data_parallel", "Degree of data parallelism"),
        _whole("expert_parallel", "Degree of expert parallelism"),
        _text("precision", "Precision of the weights", required=True),
        _whole("max_num_seqs", "Configured cap on sequences served at once"),
        Column(
            "avg_requests_in_flight",
            pl.Float64,
            "Mean running batch, under the name it first had",
            unit="count",
            minimum=0,
        ),
        _measure("avg_running_batch", "Mean number of requests being served", "count"),
        _measure("joules_per_output_token", "Steady-state GPU energy per output token", "J"),
        _measure(
            "wh_per_million_output_tokens", "The same per million output tokens", _ENERGY_UNIT
        ),
        _measure("median_itl_ms", "Median inter-token latency", "ms"),
        _measure("p90_itl_ms", "90th percentile of the inter-token latency", "ms"),
        Column(
            "p95_itl_ms",
            pl.Float64,
            "95th percentile of the inter-token latency",
            unit="ms",
            minimum=0,
        ),
        _measure("p99_itl_ms", "99th percentile of the inter-token latency", "ms"),
        _measure("tokens_per_second", "Output tokens per second of all GPUs together", "1/s"),
        _measure("gpu_power_watts_total", "Mean board power of all GPUs together", "W"),
        _measure("avg_output_tokens", "Mean output tokens of a request", "count"),
        Column("under_itl_deadline", pl.Boolean, "Whether the median is within the deadline"),
        _measure("itl_deadline_ms", "Ceiling on the median inter-token latency", "ms"),
        Column(
            "boundary",
            pl.String,
            "What the energy covers",
            required=True,
            allowed=("gpu_only",),
        ),
        Column("data_version", pl.Date, "Edition of Lead Green's data", required=True),
        _text("source_name", "Whose measurements they are", required=True),
        _text("source_url", "Where the measurements are published", required=True),
        _text("source_version", "Edition of the measurements"),
        Column("source_compiled", pl.Date, "When the measurements were compiled"),
        _text("source_workload", "Workload that was served", required=True),
    ),
    key=("row_id", "repeat"),
)

YEARLY_INTENSITY = Table(
    "leadgreen_yearly_intensity",
    "One row per area and year: mean lifecycle intensity of generation, by Ember",
    (
        _text("iso3", "ISO 3166-1 alpha-3 code; WLD for the world, XKX for Kosovo", required=True),
        _text("iso2", "ISO 3166-1 alpha-2 code; empty for the world and Kosovo"),
        _text("name", "Ember's label of the area", required=True),
        _text("display_name", "The label as Lead Green shows it"),
        Column("area_type", pl.String, "Kind of area", required=True, allowed=("country", "world")),
        _text("continent", "Continent; empty for the world"),
        Column("year", pl.Int32, "Calendar year", required=True, minimum=1990, maximum=2100),
        Column(
            "g_co2e_per_kwh",
            pl.Float64,
            "Lifecycle intensity of production, yearly mean",
            unit=_GRID_UNIT,
            required=True,
            minimum=0,
            maximum=3000,
        ),
        Column("data_version", pl.Date, "Edition of Lead Green's data", required=True),
        _text("source_name", "Whose figures they are", required=True),
        _text("source_url", "Where the figures are published", required=True),
        _text("source_version", "Edition of the figures"),
    ),
    key=("iso3", "year"),
)


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The pinned wheel, if it has not landed."""
    return fetch_package(PACKAGE, context, licence=_LICENCE)


def parse(body: bytes) -> Parsed:
    """Configurations of every model, and every area's years.

    Raises:
        ParseError: a member or a field is missing, or a unit is not the known one.
    """
    archive = Archive(body, source_id=SOURCE.source_id)
    return Parsed.collect(
        [
            (CONFIGURATIONS.name, _parse_configurations(archive)),
            (YEARLY_INTENSITY.name, _parse_grid(archive)),
        ]
    )


def _parse_configurations(archive: Archive) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = []
    for member in archive.names(prefix=_MODELS, suffix=".json"):
        document = archive.json_object(member)
        archive.expect(document, "unit", _ENERGY_UNIT, member)
        origin = archive.field(document, "source", dict, member)
        of_model = {
            name: document.get(name)
            for name in ("slug", "name", "model_id", "params_b", "active_params_b", "architecture")
        }
        of_file = {
            "boundary": document.get("boundary"),
            "itl_deadline_ms": document.get("itl_deadline_ms"),
            "data_version": document.get("data_version"),
            "source_name": origin.get("name"),
            "source_url": origin.get("data_url"),
            "source_version": origin.get("version"),
            "source_compiled": origin.get("compiled"),
            "source_workload": origin.get("workload"),
        }
        for position, configuration in enumerate(
            archive.field(document, "configurations", list, member)
        ):
            location = {"location": f"{member} configurations[{position}]"}
            rows.append({**configuration, **of_model, **of_file, **location})
    return conform(text_frame(rows), CONFIGURATIONS, pl.col("location"))


def _parse_grid(archive: Archive) -> tuple[pl.DataFrame, pl.DataFrame]:
    document = archive.json_object(_GRID)
    archive.expect(document, "unit", _GRID_UNIT, _GRID)
    origin = archive.field(document, "source", dict, _GRID)
    of_file = {
        "data_version": document.get("data_version"),
        "source_name": origin.get("name"),
        "source_url": origin.get("data_url"),
        "source_version": origin.get("version"),
    }
    rows = [
        {
            **{key: value for key, value in area.items() if key not in ("years", "g_co2e_per_kwh")},
            **of_file,
            "year": year,
            "g_co2e_per_kwh": intensity,
            "location": f"{_GRID} areas[{position}].years[{year}]",
        }
        for position, area in enumerate(archive.field(document, "areas", list, _GRID))
        for year, intensity in archive.field(
            area, "years", dict, f"{_GRID} areas[{position}]"
        ).items()
    ]
    return conform(text_frame(rows), YEARLY_INTENSITY, pl.col("location"))


SOURCE = Source(
    source_id="leadgreen",
    title="Lead Green: measured inference energy and yearly grid intensity",
    publisher="Lead Green (Katonic AI Technology Ltd)",
    homepage_url="https://leadgreen.ai/api/",
    licence=_LICENCE,
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    citation=(
        "Green Tokens index, Lead Green, a Katonic project, https://leadgreen.ai/api/v1/, "
        "CC BY 4.0, through the package leadgreen-mcp 0.3.1. Inference measurements: Chung et al., "
        "The ML.ENERGY Benchmark, NeurIPS 2025 Datasets and Benchmarks, "
        "https://arxiv.org/abs/2505.06371, leaderboard v3.0, data compiled 2026-02-16. Grid "
        "intensities: Ember, Yearly electricity data, October 2026 release, "
        "https://ember-energy.org/data/yearly-electricity-data/, CC BY 4.0."
    ),
    description=(
        "328 serving configurations of 18 language models on H100 and B200 GPUs: GPU energy per "
        "output token measured with Zeus, power, throughput, latency and running batch in the "
        "steady state of a text conversation workload. Lifecycle intensity of production in 193 "
        "areas and the world for 2023 to 2025."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(CONFIGURATIONS, YEARLY_INTENSITY),
    fetch=fetch,
    parse=reading_bytes(parse),
    base_url_env="PIP_INDEX_URL",
    known_faults=(
        "Energy is that of the GPUs alone, on a busy server in steady state: host, network, "
        "cooling and idle time are missing, so that each figure is a floor.",
        "Only runs that passed the benchmark's stability filter are published.",
        "Parameter counts are rounded to the billion that is in the model's name.",
        "Two configurations of Qwen 3 30B A3B on two H100 (256 and 512 sequences) were measured "
        "twice; they are the rows with repeat 2.",
        "The year 2025 is there for 95 countries and the world; other areas end in 2024.",
        "Kosovo has no ISO 3166-1 code and comes as XKX without an alpha-2 code.",
        "Ember's figures are yearly means of production: imports and grid losses are left out.",
    ),
)
