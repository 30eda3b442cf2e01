"""Training: fit every method of every task, score all on the same held-out groups, register."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ml import artifacts
from ml.features import fingerprint, read_labelled
from ml.register import champion_of, output_frame, registered_versions
from ml.tasks import TASKS, Task
from ml.training import Training
from ml.versions import code_version, feature_version
from warehouse.read import Queryable
from warehouse.run import Run


@dataclass(frozen=True)
class TrainResult:
    """The rows of ``ml_output`` after a training.

    ``model_versions`` has all versions, old and new, with their champions marked, and replaces the
    table; ``method_scores`` and ``predictions`` have what this training adds.
    """

    model_versions: pl.DataFrame
    method_scores: pl.DataFrame
    predictions: pl.DataFrame
    promotions: Mapping[str, str]


def train_all(
    warehouse: Queryable, models_dir: Path, run: Run, *, build_id: str | None
) -> TrainResult:
    """Train, score and register every method of both tasks.

    A task without labelled rows is left as it is. Artifacts go to ``models_dir``; the tables are
    returned, for the caller to write.
    """
    artifacts.remove_leftovers(models_dir)
    versions = output_frame("model_versions", registered_versions(warehouse).to_dicts())
    scores: list[dict[str, Any]] = []
    predictions: list[pl.DataFrame] = []
    promotions: dict[str, str] = {}
    for task in TASKS.values():
        training = Training(warehouse, models_dir, run, task, build_id)
        if training.is_empty:
            continue
        training.register(champion_of(versions, task))
        versions = _with_new(versions, training.rows, task, training.champion, run)
        scores.extend(training.score_rows())
        predictions.append(training.held_out_predictions())
        promotions[task.name] = training.promotion_reason
    return TrainResult(
        model_versions=versions,
        method_scores=output_frame("method_scores", scores),
        predictions=pl.concat([*predictions, output_frame("predictions", [])], how="vertical"),
        promotions=promotions,
    )


def should_train(warehouse: Queryable, models_dir: Path) -> str | None:
    """Why a training is due, or None: no champion, other data, other code, or a lost artifact."""
    for task in TASKS.values():
        labelled = read_labelled(warehouse, task)
        if not labelled.labels.height:
            continue
        versions = registered_versions(warehouse, task)
        champion = champion_of(versions, task)
        if champion is None:
            return f"{task.name} has no champion yet"
        newest = versions.row(0, named=True)
        if not all(
            artifacts.exists(models_dir, row["artifact_path"], row["artifact_sha256"])
            for row in (champion, newest)
        ):
            return f"an artifact of {task.name} is missing from the models folder"
        trained = json.loads(newest["parameters_json"])
        true_rows = int(labelled.is_truth.sum())
        if trained["training_data_sha256"] != fingerprint(labelled):
            return (
                f"the data of {task.name} changed: {newest['true_row_count']} measured of "
                f"{newest['training_row_count']} rows then, {true_rows} of "
                f"{labelled.labels.height} now"
            )
        if newest["code_version"] != code_version():
            return f"the code of the methods changed ({newest['code_version']} to {code_version()})"
        if trained["feature_version"] != feature_version(warehouse, task):
            return f"the feature SQL of {task.name} changed"
    return None


def _with_new(
    versions: pl.DataFrame,
    rows: list[dict[str, Any]],
    task: Task,
    champion: str,
    run: Run,
) -> pl.DataFrame:
    """All versions, with the task's champion marked and nothing else of the task."""
    fresh = output_frame("model_versions", rows)
    kept = versions.filter(~pl.col("model_version").is_in(fresh["model_version"].to_list()))
    of_task = pl.col("task") == task.name
    is_champion = pl.col("model_version") == champion
    newly = is_champion & of_task & ~pl.col("is_champion")
    return pl.concat([kept, fresh]).with_columns(
        pl.when(newly).then(run.now()).otherwise(pl.col("promoted_at")).alias("promoted_at"),
        pl.when(of_task).then(is_champion).otherwise(pl.col("is_champion")).alias("is_champion"),
    )
