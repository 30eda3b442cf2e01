"""The ML CO2 Impact calculator's tables: accelerators, cloud instances and cloud regions.

They date from 2019 to 2021 with few later rows, and are kept for what the calculator says, not as
the newest figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import polars as pl

from flows.sources.context import FetchContext
from flows.sources.protocol import Arrival, Source
from flows.sources.static_files import checked, csv_files, csv_rows, renamed
from warehouse.errors import ParseError
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table

_ID = "mlco2-impact"
_LICENCE = "MIT (mlco2/impact). May be shown and shipped with credit."
_FILES = ("gpus.csv", "instances.csv", "impact.csv")
_UNKNOWN = ("nan", "unk", "unknown", "n/a", "na", "-")


def _text(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pl.String, description, required=required)


def _measure(name: str, description: str, unit: str, maximum: float | None = None) -> Column:
    return Column(name, pl.Float64, description, unit=unit, minimum=0, maximum=maximum)


GPUS = Table(
    "mlco2_gpus",
    "One row per version of an accelerator or processor of the calculator",
    (
        _text("name", "Name of the device", required=True),
        _text("type", "gpu, tpu or cpu"),
        _measure("tdp_watts", "Thermal design power", "W", 30_000),
        _measure("tflops32", "Peak throughput in 32-bit floats", "TFLOP/s"),
        _measure("tflops16", "Peak throughput in 16-bit floats", "TFLOP/s"),
        _measure("gflops32_per_w", "The calculator's own 32-bit throughput per watt", "GFLOP/s/W"),
        _measure("gflops16_per_w", "The calculator's own 16-bit throughput per watt", "GFLOP/s/W"),
        _measure("memory_gb", "Memory", "GB"),
        _text("source", "What the calculator cites for the device"),
    ),
    key=("name",),
    is_versioned=True,
)
INSTANCES = Table(
    "mlco2_instances",
    "One row per version of a cloud instance of the calculator",
    (
        _text("provider", "Key of the cloud provider", required=True),
        _text("id", "Instance as the provider names it", required=True),
        _text("gpu", "Accelerator in the instance", required=True),
        _text("source", "What the calculator cites for the instance"),
    ),
    key=("provider", "id"),
    is_versioned=True,
)
REGIONS = Table(
    "mlco2_regions",
    "One row per version of a cloud region of the calculator",
    (
        _text("provider", "Key of the cloud provider", required=True),
        _text("provider_name", "Name of the cloud provider"),
        Column(
            "offset_ratio",
            pl.Float64,
            "Share of its emissions that the provider says to offset",
            unit="%",
            minimum=0,
            maximum=100,
        ),
        _text("region", "Provider's code of the region; empty where it has one place only"),
        _text("region_name", "Provider's name of the region"),
        _text("country", "Country in words", required=True),
        _text("state", "State or province in words"),
        _text("city", "City in words"),
        Column(
            "impact",
            pl.Float64,
            "Carbon intensity of the grid, of 2019 to 2022",
            unit="gCO2e/kWh",
            required=True,
            minimum=0,
            maximum=3000,
        ),
        _text("source", "What the calculator cites for the intensity"),
        Column(
            "pue_ratio",
            pl.Float64,
            "Power usage effectiveness",
            unit="1",
            minimum=1,
            maximum=3,
        ),
        _text("pue_source", "What the calculator cites for the overhead"),
        _text("comment", "The calculator's remark"),
    ),
    key=("provider", "region", "city"),
    is_versioned=True,
)

_GPU_NAMES = {
    "name": ("name",),
    "type": ("type",),
    "tdp_watts": ("tdp_watts",),
    "tflops32": ("TFLOPS32",),
    "tflops16": ("TFLOPS16",),
    "gflops32_per_w": ("GFLOPS32/W",),
    "gflops16_per_w": ("GFLOPS16/W",),
    "memory_gb": ("memory",),
    "source": ("source",),
}
_INSTANCE_NAMES = {name: (name,) for name in ("provider", "id", "gpu", "source")}
_REGION_NAMES = {
    "provider": ("provider",),
    "provider_name": ("providerName",),
    "offset_ratio": ("offsetRatio",),
    "region": ("region",),
    "region_name": ("regionName",),
    "country": ("country",),
    "state": ("state",),
    "city": ("city",),
    "impact": ("impact",),
    "source": ("source",),
    "pue_ratio": ("PUE",),
    "pue_source": ("PUE source",),
    "comment": ("comment",),
}


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The three files."""
    return csv_files(context, _FILES, ("", "/data"), _LICENCE)


def parse(arrival: Arrival) -> Parsed:
    """The rows of one of the three files; which one, its header says.

    Raises:
        ParseError: it is no CSV, or none of the three.
    """
    frame, cut = csv_rows(arrival, _ID)
    header = {name.lower() for name in frame.columns}
    if {"provider", "id"} <= header:
        return _rows((frame, cut), arrival, INSTANCES, _INSTANCE_NAMES, ("gpu",))
    if {"provider", "country"} & header and "name" not in header:
        needed = ("provider", "country", "impact")
        return _rows((frame, cut), arrival, REGIONS, _REGION_NAMES, needed)
    if "name" in header:
        return _rows((frame, cut), arrival, GPUS, _GPU_NAMES, ("tdp_watts",))
    raise ParseError(
        "the header is that of none of gpus.csv, instances.csv, impact.csv; found: "
        + ", ".join(frame.columns)[:300],
        source_id=_ID,
        location=arrival.name,
    )


def _rows(
    read: tuple[pl.DataFrame, pl.DataFrame],
    arrival: Arrival,
    table: Table,
    names: Mapping[str, tuple[str, ...]],
    needed: tuple[str, ...],
) -> Parsed:
    frame, cut = read
    known = renamed(frame, names, source_id=_ID, location=arrival.name, needed=needed)
    measures = [c.name for c in table.columns if c.dtype == pl.Float64 and c.name in known.columns]
    # The words for "not known" are no numbers to refuse.
    known = known.with_columns(
        pl.when(~pl.col(name).str.to_lowercase().is_in(_UNKNOWN)).then(pl.col(name)).alias(name)
        for name in measures
    )
    return checked(known, cut, table)


SOURCE = Source(
    source_id=_ID,
    title="ML CO2 Impact: accelerators, instances and regions of the calculator",
    publisher="ML CO2 Impact (Lacoste, Luccioni, Schmidt, Dandres)",
    homepage_url="https://mlco2.github.io/impact/",
    licence=_LICENCE,
    licence_url="https://github.com/mlco2/impact/blob/master/LICENSE",
    citation=(
        "Lacoste, Luccioni, Schmidt and Dandres, Quantifying the Carbon Emissions of Machine "
        "Learning, 2019, https://arxiv.org/abs/1910.09700; data: "
        "https://github.com/mlco2/impact/tree/master/data."
    ),
    description=(
        "Thermal design power and throughput of 48 accelerators and processors, the accelerators "
        "of cloud instances, and grid intensity, overhead and place of 82 regions of seven cloud "
        "providers, as the ML CO2 Impact calculator uses them."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(GPUS, INSTANCES, REGIONS),
    fetch=fetch,
    parse=parse,
    base_url="https://raw.githubusercontent.com/mlco2/impact/master/data",
    base_url_env="JOULEHOUSE_MLCO2_IMPACT_URL",
    is_cacheable=True,
    known_faults=(
        "The row of the A10G has one field too few: its memory stands under GFLOPS16/W and its "
        "source under memory, so that the row is refused.",
        "Throughput per watt contradicts throughput and power: GTX 750 with 1,111 TFLOPS and 250 W "
        "(its maker says 55 W), Quadro K6000, Titan Xp and V100-PCIE by a factor of ten.",
        "The H100's 32-bit throughput (989 TFLOPS) is that of its tensor cores in TF32 with "
        "sparsity; TPUv2 and TPUv3 have the memory of a board of four chips.",
        "Intensities are of 2019 to 2022, some of one evening (asia-east1: 2 July 2019, 8 to 9 "
        "PM); they carry no year of their own.",
        "Hong Kong is placed in China for Amazon and Google and in Hong Kong for Azure; Dublin of "
        "us-gov-east-1 is in Ohio.",
        "Scaleway has no region, OVH two (gra, bhs), under names that its interface does not use.",
    ),
)
