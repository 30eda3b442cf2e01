"""What the methods are made of: the declaration of a method, and its building blocks.

Estimators follow scikit-learn: ``fit(X, y, sample_weight)``, ``predict(X)``, no logic in
``__init__``, fitted attributes end in ``_``. ``X`` is a Polars frame of features, ``y`` energy in
the task's unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

Floats = npt.NDArray[np.float64]
MethodKind = Literal["baseline", "published_formula", "regressor"]
SEED = 20260101


class Estimator(Protocol):
    """What every method is: a scikit-learn regressor over a frame of features."""

    def fit(self, X: pl.DataFrame, y: Floats, sample_weight: Floats | None = None) -> Estimator:
        """Fit on rows with positive ``y``; returns itself."""
        ...

    def predict(self, X: pl.DataFrame) -> Floats:
        """Energy in the task's unit, NaN where it cannot answer."""
        ...

    def get_params(self) -> dict[str, Any]:
        """Parameters of the estimator and of its steps."""
        ...


@dataclass(frozen=True)
class Method:
    """A registered method of one task.

    ``sql`` is the call of the warehouse function that a published formula stands for, over the
    columns of the task's features; ``boundary`` is what its answer counts, null for a regressor,
    which learns the boundary of its labels.
    """

    name: str
    kind: MethodKind
    task: str
    title: str
    description: str
    build: Callable[[], Estimator]
    sql: str | None = None
    boundary: str | None = None
    reference: str = ""

    @property
    def column(self) -> str:
        """Name of the feature column that holds the formula's answer."""
        return f"formula_{self.name}"


class FeatureMatrix(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Columns of a Polars frame as a float matrix, shape (rows, features); null becomes NaN."""

    def __init__(self, features: Sequence[str] = ()) -> None:
        self.features = features

    def fit(self, X: pl.DataFrame, y: Floats | None = None) -> FeatureMatrix:  # noqa: ARG002
        """Nothing to learn."""
        self.n_features_in_ = len(self.features)
        return self

    def transform(self, X: pl.DataFrame) -> Floats:
        """The matrix.

        Raises:
            polars.exceptions.ColumnNotFoundError: a feature is not in ``X``.
        """
        return X.select(pl.col(name).cast(pl.Float64) for name in self.features).to_numpy()


class LogResidualRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Fits the logarithm of energy over a starting value, and predicts energy.

    ``ln(energy) = X[offset] + regressor(X)``: trees, which cannot extrapolate, then stand on an
    estimate that does.
    """

    def __init__(self, regressor: Pipeline, offset: str) -> None:
        self.regressor = regressor
        self.offset = offset

    def fit(
        self, X: pl.DataFrame, y: Floats, sample_weight: Floats | None = None
    ) -> LogResidualRegressor:
        """Fit on rows with a starting value; ``y`` is positive."""
        residual = np.log(y) - X[self.offset].to_numpy()
        last_step = self.regressor.steps[-1][0]
        weights = {} if sample_weight is None else {f"{last_step}__sample_weight": sample_weight}
        self.regressor.fit(X, residual, **weights)
        self.is_fitted_ = True
        return self

    def predict(self, X: pl.DataFrame) -> Floats:
        """Energy in the task's unit, shape (rows,); NaN where there is no starting value."""
        check_is_fitted(self, "is_fitted_")
        offset = X[self.offset].cast(pl.Float64).to_numpy()
        with np.errstate(over="ignore"):
            energy: Floats = np.exp(offset + np.asarray(self.regressor.predict(X), dtype=float))
        return energy


class ColumnEstimator(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A method whose answer the warehouse's SQL has already computed into a column."""

    def __init__(self, column: str) -> None:
        self.column = column

    def fit(
        self,
        X: pl.DataFrame,  # noqa: ARG002
        y: Floats,  # noqa: ARG002
        sample_weight: Floats | None = None,  # noqa: ARG002
    ) -> ColumnEstimator:
        """Nothing to learn."""
        self.is_fitted_ = True
        return self

    def predict(self, X: pl.DataFrame) -> Floats:
        """Energy in the task's unit, shape (rows,); NaN where an input of the formula is absent."""
        return X[self.column].cast(pl.Float64).to_numpy()
