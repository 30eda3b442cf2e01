"""The two prediction tasks: what is predicted, from which rows, with which features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

from ml.columns import INPUTS, InputColumn
from warehouse.errors import InputError


@dataclass(frozen=True)
class Mask:
    """An input that users may leave out.

    ``columns`` are the input columns that carry it, ``feature`` is null when it is unknown.
    """

    name: str
    columns: tuple[str, ...]
    feature: str


@dataclass(frozen=True)
class Task:
    """One prediction task.

    ``features`` are columns of the SQL table function ``feature_function``; the last word on
    names, units and physics is there. ``offset`` is the logarithm of the starting value, to which
    regressors fit a correction. ``route`` is the feature that says from what the starting value was
    made, if there are several ways. ``labelled_sql`` yields one row per labelled subject with the
    task's inputs and ``subject_id, target, family, backbone, boundary, label_kind, is_truth``.
    """

    name: str
    functional_unit: str
    unit: str
    feature_function: str
    features: tuple[str, ...]
    offset: str
    masks: tuple[Mask, ...]
    impossible: tuple[frozenset[str], ...]
    route: str | None
    calibration_group: str
    slices: tuple[str, ...]
    domain_numbers: tuple[str, ...]
    domain_names: tuple[str, ...]
    labelled_sql: str

    @property
    def inputs(self) -> tuple[InputColumn, ...]:
        """The input columns of the task."""
        return INPUTS[self.name]

    @cached_property
    def patterns(self) -> tuple[tuple[str, ...], ...]:
        """Every combination of unknown inputs from which something can still be said."""
        names = [mask.name for mask in self.masks]
        combinations = (
            tuple(name for name, hidden in zip(names, flags, strict=True) if hidden)
            for flags in product((False, True), repeat=len(names))
        )
        return tuple(
            combination
            for combination in combinations
            if not any(forbidden <= set(combination) for forbidden in self.impossible)
        )


_TRAINING_SQL = """
select
    training_run_id as subject_id,
    model_name,
    parameters_total,
    parameters_active,
    tokens,
    epochs,
    dataset_size,
    dataset_size_unit,
    batch_size,
    training_compute_flop,
    hardware,
    hardware_count,
    duration_h,
    device_hours,
    utilization_ratio,
    case
        when boundary = 'facility' then energy_kwh / nullif(pue_ratio, 0)
        else energy_kwh
    end as target,
    coalesce(model_family, model_name, training_run_id) as family,
    coalesce(model_family, model_name, training_run_id) as backbone,
    case when boundary = 'facility' then 'it' else boundary end as boundary,
    label_kind,
    is_truth
from fct_training_runs
where
    (is_truth or label_kind = 'tdp_derived')
    and not coalesce(is_suspect, false)
    and boundary is not null
order by training_run_id
"""

_INFERENCE_SQL = """
select
    inference_benchmark_id as subject_id,
    model_name,
    parameters_total,
    parameters_active,
    architecture,
    gpu,
    gpu_count,
    precision,
    concurrency,
    input_tokens,
    output_tokens,
    energy_j_per_token as target,
    coalesce(model_family, model_name, inference_benchmark_id) as family,
    coalesce(model_backbone, model_name, inference_benchmark_id) as backbone,
    boundary,
    label_kind,
    is_truth
from fct_inference_benchmarks
where coalesce(task, 'text') = 'text'
order by inference_benchmark_id
"""

TRAINING = Task(
    name="training",
    functional_unit="run",
    unit="kWh",
    feature_function="training_features",
    features=(
        "ln_device_hours",
        "ln_training_compute_flop",
        "ln_parameters_total",
        "ln_active_share",
        "ln_hardware_count",
        "ln_tdp_w",
        "ln_flop_per_joule",
        "ln_implied_utilization",
        "is_tpu",
        "is_it_boundary",
    ),
    offset="ln_reference_energy",
    masks=(
        Mask("device_hours", ("device_hours", "duration_h"), "device_hours"),
        Mask(
            "training_compute_flop",
            ("training_compute_flop", "tokens", "dataset_size"),
            "training_compute_flop",
        ),
        Mask("hardware", ("hardware",), "tdp_w"),
        Mask("hardware_count", ("hardware_count",), "hardware_count"),
        Mask(
            "parameters_total",
            ("parameters_total", "parameters_active", "model_name"),
            "parameters_total",
        ),
    ),
    impossible=(frozenset({"device_hours", "training_compute_flop"}),),
    route="energy_route",
    calibration_group="family",
    slices=("hardware_name", "label_kind", "boundary", "energy_route"),
    domain_numbers=("parameters_total", "device_hours"),
    domain_names=("hardware_name",),
    labelled_sql=_TRAINING_SQL,
)

# Number format and hardware enter through the starting value alone: two accelerators and two
# formats were measured, which fix no slope that would hold for a third.
INFERENCE = Task(
    name="inference",
    functional_unit="output_token",
    unit="J",
    feature_function="inference_features",
    features=(
        "ln_parameters_total",
        "ln_parameters_active",
        "ln_active_share",
        "ln_parameters_read",
        "ln_concurrency",
        "ln_gpu_count",
        "ln_concurrency_per_gpu",
        "ln_decode_step_duration",
        "ln_reference_energy",
        "is_moe",
        "is_hybrid",
    ),
    offset="ln_reference_energy",
    masks=(
        Mask("concurrency", ("concurrency",), "concurrency"),
        Mask("gpu", ("gpu",), "tdp_w"),
        Mask("gpu_count", ("gpu_count",), "gpu_count"),
        Mask("precision", ("precision",), "bytes_per_parameter"),
        Mask(
            "parameters_active",
            ("parameters_active", "architecture", "model_name"),
            "parameters_active",
        ),
        Mask(
            "parameters_total",
            ("parameters_total", "architecture", "model_name"),
            "parameters_total",
        ),
    ),
    impossible=(frozenset({"parameters_active", "parameters_total"}),),
    route=None,
    calibration_group="backbone",
    slices=("hardware_name", "architecture", "precision"),
    domain_numbers=("parameters_total", "parameters_active", "concurrency", "gpu_count"),
    domain_names=("hardware_name", "precision", "architecture"),
    labelled_sql=_INFERENCE_SQL,
)

TASKS: dict[str, Task] = {task.name: task for task in (TRAINING, INFERENCE)}


def task_named(name: str) -> Task:
    """The task of that name.

    Raises:
        InputError: there is no such task.
    """
    if name not in TASKS:
        raise InputError(
            f"{name!r} is not a prediction task.", remedy=f"Choose from {', '.join(TASKS)}."
        )
    return TASKS[name]
