"""Training from the computation: FLOP over what the hardware achieves, at its TDP."""

from __future__ import annotations

from functools import partial

from ml.methods.base import ColumnEstimator, Method


def methods() -> list[Method]:
    """The published formula, called in the warehouse.

    The utilisation is the row's own where it is given, else the 30 % that Sevilla et al. (2022)
    recommend for language models.
    """
    name = "flop_utilization"
    return [
        Method(
            name=name,
            kind="published_formula",
            task="training",
            title="FLOP and utilisation",
            description=(
                "Training FLOP (given, or 6 x parameters x tokens) over peak throughput times "
                "utilisation (given, or 0.3), at TDP. Needs FLOP and hardware."
            ),
            build=partial(ColumnEstimator, f"formula_{name}"),
            sql=(
                "training_energy_flop_kwh("
                "training_compute_flop := training_compute_flop, "
                "peak_flop_per_s := peak_flop_per_s, "
                "utilization_ratio := coalesce(utilization_ratio, 0.3e0), tdp_w := tdp_w)"
            ),
            boundary="accelerator",
            reference=(
                "https://ansonwhho.github.io/2022/01/20/"
                "estimating-training-compute-of-deep-learning-models.html"
            ),
        )
    ]
