"""Inference by EcoLogits as it ships: its own server, batch size and number of GPUs."""

from __future__ import annotations

from functools import partial

from ml.methods.base import ColumnEstimator, Method

_BILLION = "1e9"


def methods() -> list[Method]:
    """The published formula, called in the warehouse: whole server, and its GPUs alone."""
    sizes = (
        f"parameters_active_billion := parameters_active / {_BILLION}",
        f"parameters_total_billion := parameters_total / {_BILLION}",
    )
    reference = "https://ecologits.ai/latest/methodology/llm_inference/"
    return [
        Method(
            name="ecologits",
            kind="published_formula",
            task="inference",
            title="EcoLogits",
            description=(
                "Energy of one output token on the server that EcoLogits assumes (batch of 64, "
                "16-bit weights, 80 GB GPUs), server included. Needs parameters only."
            ),
            build=partial(ColumnEstimator, "formula_ecologits"),
            sql=(
                f"3600e0 * ecologits_request_energy_wh({sizes[0]}, {sizes[1]}, "
                "output_tokens := 1, pue_ratio := 1)"
            ),
            boundary="it",
            reference=reference,
        ),
        Method(
            name="ecologits_gpu",
            kind="published_formula",
            task="inference",
            title="EcoLogits, GPUs only",
            description=(
                "The part of EcoLogits' figure that its GPUs draw: the boundary of the "
                "measurements. Needs parameters only."
            ),
            build=partial(ColumnEstimator, "formula_ecologits_gpu"),
            sql=(
                f"3600e0 * ecologits_gpus_required({sizes[1]}) "
                f"* ecologits_energy_wh_per_output_token({sizes[0]})"
            ),
            boundary="accelerator",
            reference=reference,
        ),
    ]
