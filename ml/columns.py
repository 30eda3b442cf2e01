"""What a user's table may hold: the input columns of each task, and the output columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal["text", "number", "count", "instant"]


@dataclass(frozen=True)
class InputColumn:
    """One input column, with the values it may hold.

    ``minimum`` and ``maximum`` are inclusive unless ``is_minimum_exclusive``. ``hint`` follows the
    message of a value out of range, and says what the likely slip is.
    """

    name: str
    kind: Kind
    unit: str
    description: str
    minimum: float | None = None
    maximum: float | None = None
    is_minimum_exclusive: bool = False
    hint: str = ""


def _text(name: str, description: str) -> InputColumn:
    return InputColumn(name, "text", "", description)


def _positive(
    name: str,
    unit: str,
    description: str,
    *,
    minimum: float = 0.0,
    maximum: float | None = None,
    hint: str = "",
) -> InputColumn:
    exclusive = minimum == 0.0
    return InputColumn(name, "number", unit, description, minimum, maximum, exclusive, hint)


_ID = _text("id", "Your own key of the row; passed through, may repeat")
_MODEL_NAME = _text("model_name", "Name of the model, looked up in dim_models")
_PARAMETERS_TOTAL = _positive(
    "parameters_total",
    "count",
    "All parameters of the model",
    minimum=1e5,
    maximum=1e14,
    hint="give the count itself, 7000000000 for a model of 7 billion",
)
_PARAMETERS_ACTIVE = _positive(
    "parameters_active",
    "count",
    "Parameters that one token activates; equal to all of them in a dense model",
    minimum=1e5,
    maximum=1e14,
    hint="give the count itself, 7000000000 for a model of 7 billion",
)
_PUE = _positive(
    "pue_ratio",
    "1",
    "Power usage effectiveness of the building; multiplies the energy where it is given",
    minimum=1.0,
    maximum=5.0,
    hint="a ratio such as 1.1, not a percentage",
)
_REGION = _text("region", "Cloud region, provider:region, country (ISO code or name) or grid zone")

TRAINING_INPUTS: tuple[InputColumn, ...] = (
    _ID,
    _MODEL_NAME,
    _PARAMETERS_TOTAL,
    _PARAMETERS_ACTIVE,
    _positive(
        "tokens",
        "count",
        "Tokens processed over the whole run, all epochs together",
        minimum=1e4,
        maximum=1e18,
        hint="give the count itself, 300000000000 for 300 billion tokens",
    ),
    _positive("epochs", "count", "Passes over the data set"),
    _positive("dataset_size", "count", "Tokens in one pass over the data set"),
    _positive("batch_size", "count", "Samples a step; no method of today uses it"),
    _positive(
        "training_compute_flop",
        "FLOP",
        "Computation of the whole run",
        minimum=1e12,
        maximum=1e30,
        hint="give the count of operations itself, such as 3.1e23",
    ),
    _text("hardware", "Accelerator, looked up in dim_hardware"),
    InputColumn("hardware_count", "count", "count", "Accelerators used", 1),
    _positive("duration_h", "h", "Wall-clock hours of the whole run", maximum=1e6),
    _positive("device_hours", "h", "Accelerators times hours", maximum=1e11),
    _positive(
        "utilization_ratio",
        "1",
        "Model FLOP utilisation: achieved over peak throughput",
        maximum=1.0,
        hint="a share such as 0.4, not a percentage",
    ),
    _PUE,
    _REGION,
    InputColumn("started_at", "instant", "UTC", "When the run began; no method of today uses it"),
)

INFERENCE_INPUTS: tuple[InputColumn, ...] = (
    _ID,
    _MODEL_NAME,
    _PARAMETERS_TOTAL,
    _PARAMETERS_ACTIVE,
    _text("architecture", "dense, moe or hybrid"),
    _text("gpu", "Accelerator, looked up in dim_hardware"),
    InputColumn("gpu_count", "count", "count", "Accelerators that serve the model", 1),
    _text("precision", "Number format of the weights: bf16, fp16, fp8, int8, fp4, int4, fp32"),
    _text("task", "text, code, image_chat or video_chat"),
    _positive(
        "concurrency",
        "count",
        "Requests that the deployment runs at a time, on average",
        maximum=1e7,
    ),
    InputColumn("input_tokens", "count", "count", "Tokens of the prompt", 0),
    InputColumn("output_tokens", "count", "count", "Tokens written for one request", 1),
    _PUE,
    _REGION,
)

_ENERGY_COLUMNS: dict[str, dict[str, pl.DataType]] = {
    "training": {
        "functional_unit": pl.String(),
        "energy_kwh": pl.Float64(),
        "energy_lower_kwh": pl.Float64(),
        "energy_upper_kwh": pl.Float64(),
        "emissions_kgco2e": pl.Float64(),
        "emissions_lower_kgco2e": pl.Float64(),
        "emissions_upper_kgco2e": pl.Float64(),
    },
    "inference": {
        "functional_unit": pl.String(),
        "energy_j_per_unit": pl.Float64(),
        "energy_lower_j_per_unit": pl.Float64(),
        "energy_upper_j_per_unit": pl.Float64(),
        "energy_wh_per_request": pl.Float64(),
        "emissions_gco2e_per_request": pl.Float64(),
        "emissions_lower_gco2e_per_request": pl.Float64(),
        "emissions_upper_gco2e_per_request": pl.Float64(),
    },
}

_COMMON_OUTPUTS: dict[str, pl.DataType] = {
    "interval_level": pl.Float64(),
    "interval_kind": pl.String(),
    "carbon_intensity_gco2e_per_kwh": pl.Float64(),
    "intensity_basis": pl.String(),
    "intensity_source": pl.String(),
    "boundary": pl.String(),
    "method": pl.String(),
    "model_version": pl.String(),
    "missing_inputs": pl.String(),
    "warnings": pl.String(),
    "error": pl.String(),
}

INPUTS: dict[str, tuple[InputColumn, ...]] = {
    "training": TRAINING_INPUTS,
    "inference": INFERENCE_INPUTS,
}
OUTPUTS: dict[str, dict[str, pl.DataType]] = {
    task: {**columns, **_COMMON_OUTPUTS} for task, columns in _ENERGY_COLUMNS.items()
}
