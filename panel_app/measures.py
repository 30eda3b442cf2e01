"""What can be put on an axis: column, title with unit, and how a value is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from panel_app import format as fmt
from panel_app.state import INFERENCE, TRAINING


@dataclass(frozen=True)
class Measure:
    """A column that can be drawn.

    ``divisor`` turns the warehouse's unit into the one that ``title`` names. A measure
    ``is_from_intensity`` if a grid's carbon intensity was multiplied in.
    """

    column: str
    label: str
    title: str
    written: Callable[[float | None], str]
    divisor: float = 1.0
    is_from_intensity: bool = False


def _per(written: Callable[[float | None], str], what: str) -> Callable[[float | None], str]:
    def with_unit(number: float | None) -> str:
        text = written(number)
        return text if text == fmt.UNKNOWN else f"{text} per {what}"

    return with_unit


PARAMETERS = Measure(
    "parameters_total", "Parameters", "Parameters of the model (B = billion)", fmt.parameters
)
ACTIVE = Measure(
    "parameters_active",
    "Active parameters",
    "Parameters active per token (B = billion)",
    fmt.parameters,
)

X_MEASURES = {
    TRAINING: (
        PARAMETERS,
        ACTIVE,
        Measure(
            "training_compute_flop",
            "Training compute",
            "Training compute (10²¹ FLOP)",
            lambda number: f"{fmt.significant(None if number is None else number / 1e21)} × 10²¹",
            1e21,
        ),
        Measure("tokens", "Training tokens", "Tokens trained on", fmt.count),
        Measure("device_hours", "Device-hours", "Device-hours (h)", fmt.count),
    ),
    INFERENCE: (
        PARAMETERS,
        ACTIVE,
        Measure("concurrency", "Requests at once", "Requests running at once", fmt.count),
        Measure("gpu_count", "Accelerators", "Accelerators", fmt.count),
        Measure(
            "throughput_tokens_per_s",
            "Throughput",
            "Throughput (output tokens per second)",
            _per(fmt.count, "s"),
        ),
    ),
}

Y_MEASURES = {
    TRAINING: (
        Measure("energy_kwh", "Energy", "Energy of the run (MWh)", fmt.energy, 1e3),
        Measure(
            "emissions_kgco2e",
            "Carbon",
            "Operational emissions of the run (t CO₂e)",
            fmt.emissions,
            1e3,
            is_from_intensity=True,
        ),
        Measure(
            "reported_emissions_kgco2e",
            "Carbon, as reported",
            "Emissions that the makers report (t CO₂e)",
            fmt.emissions,
            1e3,
        ),
        Measure(
            "energy_kwh_per_billion_parameters",
            "Energy per billion parameters",
            "Energy per billion parameters (MWh)",
            _per(fmt.energy, "billion parameters"),
            1e3,
        ),
        Measure(
            "energy_kwh_per_device_hour",
            "Energy per device-hour",
            "Energy per device-hour (kWh)",
            _per(fmt.energy, "device-hour"),
        ),
    ),
    INFERENCE: (
        Measure(
            "energy_wh_per_1k_tokens",
            "Energy per 1,000 tokens",
            "Energy per 1,000 output tokens (Wh)",
            fmt.watt_hours,
        ),
        Measure(
            "emissions_gco2e_per_1k_tokens",
            "Carbon per 1,000 tokens",
            "Operational emissions per 1,000 output tokens (g CO₂e)",
            lambda number: fmt.emissions(None if number is None else number / 1e3),
            is_from_intensity=True,
        ),
        Measure(
            "energy_j_per_token", "Energy per token", "Energy per output token (J)", fmt.joules
        ),
        Measure("power_w", "Power", "Power of the accelerators (W)", fmt.power),
    ),
}


def measure_of(measures: tuple[Measure, ...], column: str) -> Measure:
    """The measure of a column; the first one for a column that cannot be drawn."""
    return next((measure for measure in measures if measure.column == column), measures[0])
