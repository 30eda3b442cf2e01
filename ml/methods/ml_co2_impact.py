"""Training by ML CO2 Impact (Lacoste et al. 2019): device hours at thermal design power."""

from __future__ import annotations

from functools import partial

from ml.methods.base import ColumnEstimator, Method


def methods() -> list[Method]:
    """The published formula, called in the warehouse."""
    name = "ml_co2_impact"
    return [
        Method(
            name=name,
            kind="published_formula",
            task="training",
            title="ML CO2 Impact",
            description="Device hours times TDP. Needs hours and hardware.",
            build=partial(ColumnEstimator, f"formula_{name}"),
            sql=("training_energy_device_hours_kwh(device_hours := device_hours, tdp_w := tdp_w)"),
            boundary="accelerator",
            reference="https://arxiv.org/abs/1910.09700",
        )
    ]
