"""Training by Green Algorithms (Lannelongue et al. 2021), equation 1."""

from __future__ import annotations

from functools import partial

from ml.methods.base import ColumnEstimator, Method


def methods() -> list[Method]:
    """The published formula, called in the warehouse.

    The calculator asks for the memory reserved. Runs do not report it, so the accelerators' own
    memory stands in for it; full use of the cores and a PUE of 1, so that the answer can be
    compared with labels that leave the building out.
    """
    name = "green_algorithms"
    return [
        Method(
            name=name,
            kind="published_formula",
            task="training",
            title="Green Algorithms",
            description=(
                "Device hours times TDP, and 0.3725 W for each GB of memory; the accelerators' "
                "memory stands in for the memory reserved. Needs hours and hardware."
            ),
            build=partial(ColumnEstimator, f"formula_{name}"),
            sql=(
                "green_algorithms_energy_kwh("
                "duration_h := device_hours, core_count := 1, core_power_w := tdp_w, "
                "usage_ratio := 1, memory_gb := memory_gb, pue_ratio := 1)"
            ),
            boundary="it",
            reference="https://doi.org/10.1002/advs.202100707",
        )
    ]
