"""Random forest on the logarithm of energy over the starting value."""

from __future__ import annotations

from functools import partial

from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from ml.methods.base import SEED, FeatureMatrix, LogResidualRegressor, Method
from ml.tasks import TASKS, Task


def build(task: Task) -> LogResidualRegressor:
    """A forest of deep trees over half of the features a split."""
    return LogResidualRegressor(
        Pipeline(
            [
                ("matrix", FeatureMatrix(task.features)),
                ("impute", SimpleImputer(add_indicator=True, keep_empty_features=True)),
                (
                    "forest",
                    RandomForestRegressor(
                        n_estimators=100,
                        min_samples_leaf=3,
                        max_features=0.5,
                        n_jobs=1,
                        random_state=SEED,
                    ),
                ),
            ]
        ),
        task.offset,
    )


def methods() -> list[Method]:
    """The forest for both tasks."""
    return [
        Method(
            name="random_forest",
            kind="regressor",
            task=task.name,
            title="Random forest",
            description="100 trees on the log energy over the starting value.",
            build=partial(build, task),
        )
        for task in TASKS.values()
    ]
