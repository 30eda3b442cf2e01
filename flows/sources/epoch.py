"""Epoch AI: notable AI models with what they were trained on, and accelerators.

Computation, hours and device counts are Epoch's reading of publications; its column of power is
modelled from thermal design power and is never a measurement. Column names change from time to
time: each of ours has the list of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from flows.sources.context import FetchContext
from flows.sources.protocol import Arrival, Limits, Source
from flows.sources.static_files import checked, csv_files, csv_rows, renamed
from warehouse.errors import ParseError
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table

_ID = "epoch"
_LICENCE = (
    "CC BY 4.0 (Epoch AI). May be shown and shipped with credit to Epoch AI, the title of the data "
    "set and the day of access."
)
_FILES = ("notable_ai_models.csv", "ml_hardware.csv")


def _text(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pl.String, description, required=required)


def _measure(name: str, description: str, unit: str, *, minimum: float = 0) -> Column:
    return Column(name, pl.Float64, description, unit=unit, minimum=minimum)


MODELS = Table(
    "epoch_models",
    "One row per version of a notable AI model",
    (
        _text("model", "Name of the model", required=True),
        _text("organization", "Who made it; several are joined by commas"),
        _text("publication_date", "Day of publication; may be a year or a month"),
        _text("domain", "What it works on; several are joined by commas"),
        _text("task", "What it does; several are joined by commas"),
        _measure("parameters", "Total parameters", "count", minimum=1),
        _measure("training_compute_flop", "Computation of the training", "FLOP"),
        _measure("training_dataset_size", "Size of the data set, in units that vary", "count"),
        _measure("epochs", "Passes over the data set", "count"),
        _measure("batch_size", "Batch size, in units that vary", "count"),
        _text("confidence", "Epoch's confidence: Confident, Likely, Speculative or Unknown"),
        _text("country", "Countries of the organisations, joined by commas"),
        _measure("training_time_h", "Duration of the training", "h"),
        _text("training_hardware", "Accelerators; several are joined by commas"),
        _text("hardware_quantity", "Accelerators used; several counts are joined by commas"),
        _measure("mfu_ratio", "Model FLOP utilization", "1"),
        _measure("hfu_ratio", "Hardware FLOP utilization", "1"),
        _measure("training_power_draw_w", "Power of the training, as Epoch models it", "W"),
        _text("base_model", "Model that this one was made from"),
        _measure("finetune_compute_flop", "Computation beyond the base model's", "FLOP"),
        _text("numerical_format", "Number format of the training"),
        _text("model_accessibility", "Whether the weights are open"),
        _text("link", "What Epoch cites for the model"),
    ),
    key=("model", "organization", "publication_date"),
    is_versioned=True,
)
HARDWARE = Table(
    "epoch_hardware",
    "One row per version of an accelerator",
    (
        _text("hardware_name", "Name of the accelerator", required=True),
        _text("manufacturer", "Who makes it"),
        _text("hardware_type", "Kind of accelerator in Epoch's words"),
        _text("release_date", "Day of release; may be a year or a month"),
        _measure("tensor_fp16_bf16_flop_per_s", "Peak of matrix units in 16-bit floats", "FLOP/s"),
        _measure("fp64_flop_per_s", "Peak in 64-bit floats", "FLOP/s"),
        _measure("fp32_flop_per_s", "Peak in 32-bit floats", "FLOP/s"),
        _measure("tf32_flop_per_s", "Peak in TF32", "FLOP/s"),
        _measure("fp16_flop_per_s", "Peak in 16-bit floats", "FLOP/s"),
        _measure("fp8_flop_per_s", "Peak in 8-bit floats", "FLOP/s"),
        _measure("fp4_flop_per_s", "Peak in 4-bit floats", "FLOP/s"),
        _measure("int8_op_per_s", "Peak in 8-bit integers", "OP/s"),
        _measure("memory_bytes", "Memory of one device", "byte"),
        _measure("memory_bandwidth_byte_per_s", "Memory bandwidth of one device", "byte/s"),
        _measure("tdp_w", "Thermal design power", "W"),
        _measure("die_size_mm2", "Area of the die", "mm2"),
        _measure("process_size_nm", "Name of the process node", "nm"),
        _measure("energy_efficiency_flop_per_s_per_w", "Epoch's peak over power", "FLOP/s/W"),
        _text("datasheet_url", "What Epoch cites for the accelerator"),
    ),
    key=("hardware_name",),
    is_versioned=True,
)

_MODEL_NAMES = {
    "model": ("Model", "System"),
    "organization": ("Organization", "Organization(s)"),
    "publication_date": ("Publication date", "Publication Date"),
    "domain": ("Domain",),
    "task": ("Task",),
    "parameters": ("Parameters",),
    "training_compute_flop": ("Training compute (FLOP)", "Training compute (FLOPs)"),
    "training_dataset_size": (
        "Training dataset size (total)",
        "Training dataset size (gradients)",
        "Training dataset size (datapoints)",
        "Training dataset size",
    ),
    "epochs": ("Epochs",),
    "batch_size": ("Batch size",),
    "confidence": ("Confidence",),
    "country": (
        "Country (of organization)",
        "Country (from Organization)",
        "Country (of organisation)",
        "Country",
    ),
    "training_time_h": ("Training time (hours)",),
    "training_hardware": ("Training hardware",),
    "hardware_quantity": ("Hardware quantity",),
    "mfu_ratio": ("Hardware utilization (MFU)", "Hardware utilization"),
    "hfu_ratio": ("Hardware utilization (HFU)",),
    "training_power_draw_w": ("Training power draw (W)", "Power draw (W)"),
    "base_model": ("Base model", "Foundation model"),
    "finetune_compute_flop": ("Finetune compute (FLOP)",),
    "numerical_format": ("Numerical format",),
    "model_accessibility": ("Model accessibility",),
    "link": ("Link",),
}
_HARDWARE_NAMES = {
    "hardware_name": ("Hardware name", "Name of the hardware", "Name"),
    "manufacturer": ("Manufacturer",),
    "hardware_type": ("Type",),
    "release_date": ("Release date",),
    "tensor_fp16_bf16_flop_per_s": ("Tensor-FP16/BF16 performance (FLOP/s)",),
    "fp64_flop_per_s": (
        "FP64 (double precision) performance (FLOP/s)",
        "FP64 performance (FLOP/s)",
    ),
    "fp32_flop_per_s": (
        "FP32 (single precision) performance (FLOP/s)",
        "FP32 performance (FLOP/s)",
    ),
    "tf32_flop_per_s": ("TF32 (TensorFloat-32) performance (FLOP/s)", "TF32 performance (FLOP/s)"),
    "fp16_flop_per_s": ("FP16 (half precision) performance (FLOP/s)", "FP16 performance (FLOP/s)"),
    "fp8_flop_per_s": ("FP8 performance (FLOP/s)",),
    "fp4_flop_per_s": ("FP4 performance (FLOP/s)",),
    "int8_op_per_s": ("INT8 performance (OP/s)",),
    "memory_bytes": (
        "Memory (bytes)",
        "Memory (byte)",
        "Memory size per board (Byte)",
        "Memory size per board (bytes)",
    ),
    "memory_bandwidth_byte_per_s": ("Memory bandwidth (byte/s)", "Memory bandwidth (bytes/s)"),
    "tdp_w": ("TDP (W)",),
    "die_size_mm2": ("Die Size (mm^2)", "Die Size in mm^2"),
    "process_size_nm": ("Process size (nm)", "Process Size (nm)"),
    "energy_efficiency_flop_per_s_per_w": ("Energy efficiency",),
    "datasheet_url": ("Link to datasheet",),
}


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The two files."""
    return csv_files(context, _FILES, ("", "/data"), _LICENCE)


def parse(arrival: Arrival) -> Parsed:
    """Models or accelerators; which, the header says.

    Raises:
        ParseError: it is no CSV, or neither of the two.
    """
    frame, cut = csv_rows(arrival, _ID)
    header = {" ".join(name.lower().split()) for name in frame.columns}
    names, table, needed = _MODEL_NAMES, MODELS, "model"
    if any(name.lower() in header for name in ("TDP (W)", "Hardware name", "Memory (bytes)")):
        names, table, needed = _HARDWARE_NAMES, HARDWARE, "hardware_name"
    elif not any(name.lower() in header for name in _MODEL_NAMES["training_compute_flop"]):
        raise ParseError(
            "neither the table of models nor that of hardware: a column 'Training compute (FLOP)' "
            f"or 'TDP (W)' was expected; found: {', '.join(frame.columns)[:300]}",
            source_id=_ID,
            location=arrival.name,
        )
    known = renamed(frame, names, source_id=_ID, location=arrival.name, needed=(needed,))
    return checked(known, cut, table)


SOURCE = Source(
    source_id=_ID,
    title="Epoch AI: notable AI models and machine learning hardware",
    publisher="Epoch AI",
    homepage_url="https://epoch.ai/data",
    licence=_LICENCE,
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    citation=(
        "Epoch AI, Parameter, Compute and Data Trends in Machine Learning, "
        "https://epoch.ai/data/notable-ai-models, and Data on Machine Learning Hardware, "
        "https://epoch.ai/data/machine-learning-hardware, CC BY 4.0, accessed on the day of the "
        "row's fetched_at."
    ),
    description=(
        "Notable AI models with parameters, training computation, hours, accelerators and their "
        "number, and accelerators with thermal design power, throughput by number format, memory "
        "and release."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(MODELS, HARDWARE),
    fetch=fetch,
    parse=parse,
    base_url="https://epoch.ai/data",
    base_url_env="JOULEHOUSE_EPOCH_URL",
    limits=Limits(requests=2, concurrency=1),
    is_cacheable=True,
    known_faults=(
        "The power of a training is modelled: accelerators times thermal design power with factors "
        "for servers and the building (2,000 GB200 of 1,200 W stand with 4.67 MW, 1.95 times "
        "their design power). It is no measurement and is never used as one.",
        "Computation, hours and counts are Epoch's reading; its column Confidence says how sure it "
        "is, and in July 2026 10 of the 40 newest models have a computation, one a device count.",
        "One cell may hold several accelerators or counts, without saying which count is whose.",
        "Columns are renamed now and then: the size of the data set had three names, the country "
        "and the memory two.",
        "In ml_hardware of July 2026 23 of 176 accelerators have no design power, one has no "
        "manufacturer, and some are families (NVIDIA V100, NVIDIA P100) beside their members.",
    ),
)
