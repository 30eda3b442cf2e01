"""The registry of model versions, and which of them is champion."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ml import artifacts
from ml.methods.base import MethodKind
from ml.tasks import Task
from warehouse.bookkeeping import ML_OUTPUT_TABLES
from warehouse.errors import ArtifactError
from warehouse.read import Queryable

# A champion must answer most of the measured rows; a formula that answers few of them well is
# asked only where the champion cannot answer.
_LEAST_ANSWERED_SHARE = 0.8
# A champion fitted anew on changed data replaces itself unless its error grows by more than this.
_TOLERATED_WORSENING = 1.02
_FEWEST_COMMON_ROWS = 3
_PREFERENCE: dict[str, int] = {"published_formula": 0, "regressor": 1, "baseline": 2}


@dataclass(frozen=True)
class Candidate:
    """A version just trained, with its held-out errors ``ln(predicted / measured)`` by subject."""

    model_version: str
    method: str
    method_kind: MethodKind
    held_out_errors: dict[str, float]
    answered_share: float

    @property
    def median_error(self) -> float:
        """Median absolute logarithmic error, infinite without measured rows."""
        sizes = [abs(error) for error in self.held_out_errors.values()]
        return float(np.median(sizes)) if sizes else math.inf


@dataclass(frozen=True)
class Promotion:
    """Which version is champion from now on, and why."""

    model_version: str
    reason: str


def output_schema(table: str) -> pl.Schema:
    """Column types of a table of schema ``ml_output``."""
    declared = next(found for found in ML_OUTPUT_TABLES if found.name == table)
    return pl.Schema({column.name: column.dtype for column in declared.columns})


def output_frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a frame in the types of a table of schema ``ml_output``."""
    return pl.DataFrame(rows, schema=output_schema(table), strict=False)


def registered_versions(warehouse: Queryable, task: Task | None = None) -> pl.DataFrame:
    """Rows of ``ml_output.model_versions``, newest training first; of one task if given."""
    condition = "" if task is None else "where task = $task"
    parameters = None if task is None else {"task": task.name}
    return warehouse.query(
        f"select * from ml_output.model_versions {condition} "
        "order by trained_at desc, model_version",
        parameters,
    )


def champion_of(versions: pl.DataFrame, task: Task) -> dict[str, Any] | None:
    """The champion's row, None if the task has none yet."""
    rows = versions.filter(pl.col("is_champion") & (pl.col("task") == task.name))
    return rows.row(0, named=True) if rows.height else None


def choose_champion(
    candidates: list[Candidate],
    incumbent: dict[str, Any] | None,
    models_dir: Path,
    *,
    feature_version: str,
    training_data_sha256: str,
) -> Promotion:
    """The champion after a training.

    The best candidate, by median error on the held-out groups, replaces the incumbent only if it
    is better on the same held-out subjects. The incumbent's own method, fitted anew on changed
    data, replaces it unless it became clearly worse. An incumbent that cannot be served any more
    (its files are gone or changed, or the feature SQL is another) is replaced.
    """
    best = _best(candidates)
    if incumbent is None:
        return Promotion(best.model_version, "no champion yet")
    try:
        manifest = artifacts.load(
            models_dir, incumbent["artifact_path"], incumbent["artifact_sha256"]
        ).manifest
    except ArtifactError as error:
        return Promotion(best.model_version, f"the champion cannot be read: {error.message}")
    if manifest["feature_version"] != feature_version:
        return Promotion(best.model_version, "the features are computed in another way now")
    before: dict[str, float] = manifest["held_out_errors"]
    if _is_better(best.held_out_errors, before):
        return Promotion(best.model_version, "better on the same held-out groups")
    refitted = next((c for c in candidates if c.method == incumbent["method"]), None)
    has_new_data = manifest["training_data_sha256"] != training_data_sha256
    if (
        refitted is not None
        and has_new_data
        and _is_better(refitted.held_out_errors, before, worsening=_TOLERATED_WORSENING)
    ):
        return Promotion(refitted.model_version, "the champion's method on changed data")
    return Promotion(incumbent["model_version"], "no challenger was better")


def median_factor(version: dict[str, Any]) -> float:
    """Median factor error at registration, infinite if it was never measured."""
    value = json.loads(version["scores_json"] or "{}").get("median_factor_error")
    return math.inf if value is None else float(value)


def rank(version: dict[str, Any]) -> tuple[float, int, str]:
    """Sorts versions from the best: by measured error, then formulas before what was fitted."""
    return median_factor(version), _PREFERENCE[version["method_kind"]], version["method"]


def _best(candidates: list[Candidate]) -> Candidate:
    """The lowest median error; where nothing was measured a published formula, as they come."""
    answering = [c for c in candidates if c.answered_share >= _LEAST_ANSWERED_SHARE]
    return min(answering or candidates, key=lambda c: (c.median_error, _PREFERENCE[c.method_kind]))


def _is_better(
    challenger: dict[str, float], champion: dict[str, float], *, worsening: float = 1.0
) -> bool:
    """Whether the median error on the common subjects is lower (or at most ``worsening`` times).

    With too few subjects in common the two were not tested on the same thing, and the newer one,
    which saw the present data, is taken.
    """
    common = sorted(challenger.keys() & champion.keys())
    if len(common) < _FEWEST_COMMON_ROWS:
        return True
    new = float(np.median([abs(challenger[subject]) for subject in common]))
    old = float(np.median([abs(champion[subject]) for subject in common]))
    return new < old if worsening == 1.0 else new <= old * worsening
