"""Every method, one line each. A new method is a file here and its line below."""

from __future__ import annotations

from functools import lru_cache

from ml.methods import (
    boosted_trees,
    ecologits,
    flop_utilization,
    geometric_mean,
    green_algorithms,
    linear,
    ml_co2_impact,
    neural_network,
    random_forest,
    roofline,
)
from ml.methods.base import Method
from warehouse.errors import InputError


@lru_cache(maxsize=1)
def _all_methods() -> tuple[Method, ...]:
    return (
        *geometric_mean.methods(),
        *roofline.methods(),
        *ml_co2_impact.methods(),
        *green_algorithms.methods(),
        *flop_utilization.methods(),
        *ecologits.methods(),
        *linear.methods(),
        *random_forest.methods(),
        *boosted_trees.methods(),
        *neural_network.methods(),
    )


def methods_of(task: str) -> tuple[Method, ...]:
    """The methods of a task, baselines first."""
    return tuple(method for method in _all_methods() if method.task == task)


def method_named(task: str, name: str) -> Method:
    """One method of a task.

    Raises:
        InputError: the task has no method of that name.
    """
    for method in methods_of(task):
        if method.name == name:
            return method
    raise InputError(
        f"{name!r} is not a method of {task}.",
        remedy=f"Choose from {', '.join(method.name for method in methods_of(task))}.",
    )
