"""One training of one task: held-out answers, artifacts, scores, and the champion."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ml import artifacts
from ml.evaluate import (
    FAMILY_SPLIT,
    GROUP_SPLITS,
    Split,
    TrainingTable,
    bounded_threads,
    fit,
    out_of_fold,
    splits_of,
    training_table,
)
from ml.features import fingerprint, masked_features, read_labelled, situation_key
from ml.intervals import ASSUMED, CONFORMAL, LEVEL, MINIMUM_GROUPS, GroupedConformal
from ml.methods.base import SEED, Estimator, Floats, Method
from ml.methods.registry import methods_of
from ml.register import Candidate, choose_champion, output_frame
from ml.scores import HeldOut, held_out, score_rows
from ml.tasks import Task
from ml.versions import code_version, feature_version
from warehouse.read import Queryable
from warehouse.run import Run

_HEADLINES = (
    "median_factor_error",
    "p90_factor_error",
    "within_1_5x_share",
    "within_2x_share",
    "r2_log",
    "coverage_share",
    "median_interval_ratio",
    "row_count",
    "group_count",
)


class Training:
    """One training of one task, step by step."""

    def __init__(
        self,
        warehouse: Queryable,
        models_dir: Path,
        run: Run,
        task: Task,
        build_id: str | None,
    ) -> None:
        self.models_dir, self.run, self.task, self.build_id = models_dir, run, task, build_id
        self.labelled = read_labelled(warehouse, task)
        self.is_empty = self.labelled.labels.height == 0
        if self.is_empty:
            return
        masked = masked_features(warehouse, task, self.labelled.inputs, task.patterns)
        self.table: TrainingTable = training_table(self.labelled, masked)
        self.splits: list[Split] = splits_of(self.labelled)
        self.methods: tuple[Method, ...] = methods_of(task.name)
        self.answers = out_of_fold(self.methods, self.splits, self.table)
        self.data_sha256 = fingerprint(self.labelled)
        self.feature_version = feature_version(warehouse, task)
        self.rows: list[dict[str, Any]] = []
        self.champion = ""
        self.promotion_reason = ""
        self._held_out: dict[tuple[str, str], HeldOut] = {
            (method.name, split.name): held_out(
                task, split.name, self.answers[(method.name, split.name)], self.table
            )
            for method in self.methods
            for split in self.splits
        }

    def register(self, incumbent: dict[str, Any] | None) -> None:
        """Fit every method on all rows, write its artifact, and choose the champion."""
        candidates = []
        for method in self.methods:
            with bounded_threads():
                estimator = fit(method, self.table)
            row = self._write(method, estimator)
            self.rows.append(row)
            candidates.append(
                Candidate(
                    model_version=row["model_version"],
                    method=method.name,
                    method_kind=method.kind,
                    held_out_errors=self._errors(method),
                    answered_share=self._answered_share(method, estimator),
                )
            )
        promotion = choose_champion(
            candidates,
            incumbent,
            self.models_dir,
            feature_version=self.feature_version,
            training_data_sha256=self.data_sha256,
        )
        self.champion, self.promotion_reason = promotion.model_version, promotion.reason

    def score_rows(self) -> list[dict[str, Any]]:
        """The scoreboard of this training."""
        found: list[dict[str, Any]] = []
        for method in self.methods:
            version = self._version(method)
            for split in self.splits:
                scored = self._held_out[(method.name, split.name)]
                found.extend(
                    {**row, "model_version": version, "evaluated_at": self.run.now()}
                    for row in score_rows(self.task, method, split.name, scored, self.table)
                )
        return found

    def held_out_predictions(self) -> pl.DataFrame:
        """What each method said of each measured row while its family was held out."""
        labels = self.labelled.labels
        rows: list[dict[str, Any]] = []
        for method in self.methods:
            version = self._version(method)
            scored = self._held_out.get((method.name, FAMILY_SPLIT))
            if scored is None:
                continue
            half_width = np.where(np.isfinite(scored.half_width), scored.half_width, np.nan)
            for number, energy, width in zip(
                scored.rows.tolist(), scored.predicted.tolist(), half_width.tolist(), strict=True
            ):
                label = labels.row(number, named=True)
                has_interval = math.isfinite(width)
                rows.append(
                    {
                        "prediction_id": f"{version}:{label['subject_id']}",
                        "task": self.task.name,
                        "subject_id": label["subject_id"],
                        "method": method.name,
                        "model_version": version,
                        "functional_unit": self.task.functional_unit,
                        "unit": self.task.unit,
                        "energy_predicted": energy,
                        "energy_lower": energy * math.exp(-width) if has_interval else None,
                        "energy_upper": energy * math.exp(width) if has_interval else None,
                        "energy_measured": label["target"],
                        "interval_level": LEVEL if has_interval else None,
                        "interval_kind": scored.interval_kind if has_interval else None,
                        "is_out_of_fold": True,
                        "boundary": label["boundary"],
                        "label_kind": label["label_kind"],
                        "predicted_at": self.run.now(),
                    }
                )
        return output_frame("predictions", rows)

    def _write(self, method: Method, estimator: Estimator) -> dict[str, Any]:
        is_truth = self.labelled.is_truth
        groups = self.labelled.labels[self.task.calibration_group].to_numpy()
        calibration = self._calibration(method)
        native = calibration.get(FAMILY_SPLIT, {})
        group_count = max((len(found.groups) for found in native.values()), default=0)
        identity = {
            "training_data_sha256": self.data_sha256,
            "feature_version": self.feature_version,
            "parameters": _plain(estimator.get_params()),
            "seed": SEED,
        }
        manifest = {
            "task": self.task.name,
            "model_version": self._version(method),
            "method": method.name,
            "method_kind": method.kind,
            "label_boundary": self._label_boundary(),
            "trained_at": self.run.now().isoformat(),
            "build_id": self.build_id,
            "run_id": self.run.run_id,
            "code_version": code_version(),
            "features": list(self.task.features),
            "domain": self._domain(),
            "held_out_errors": self._errors(method),
            "training_row_count": len(is_truth),
            "true_row_count": int(is_truth.sum()),
            "true_group_count": len(set(groups[is_truth])),
            **identity,
        }
        path, sha256 = artifacts.save(
            self.models_dir, manifest=manifest, estimator=estimator, calibration=calibration
        )
        return {
            "model_version": manifest["model_version"],
            "task": self.task.name,
            "method": method.name,
            "method_kind": method.kind,
            "is_champion": False,
            "trained_at": self.run.now(),
            "promoted_at": None,
            "build_id": self.build_id,
            "code_version": manifest["code_version"],
            "artifact_path": path,
            "artifact_sha256": sha256,
            "training_row_count": manifest["training_row_count"],
            "true_row_count": manifest["true_row_count"],
            "true_group_count": manifest["true_group_count"],
            "interval_kind": CONFORMAL if group_count >= MINIMUM_GROUPS else ASSUMED,
            "parameters_json": json.dumps(identity, sort_keys=True),
            "scores_json": json.dumps(self._headline(method), sort_keys=True),
        }

    def _version(self, method: Method) -> str:
        digest = hashlib.sha256(
            f"{self.run.run_id}:{self.data_sha256}:{code_version()}".encode()
        ).hexdigest()[:8]
        return f"{self.task.name}-{method.name}-{self.run.as_of:%Y%m%dT%H%M%SZ}-{digest}"

    def _calibration(self, method: Method) -> dict[str, dict[str, GroupedConformal]]:
        """Held-out errors of the measured rows, by split by group and situation.

        A situation hides the same inputs from every measured row, whatever the row lacks by
        itself: what a user's row with these inputs missing has to expect.
        """
        groups = self.labelled.labels[self.task.calibration_group].to_numpy()[self.table.source]
        target = self.labelled.target[self.table.source]
        situations = (
            self.table.masked.with_columns(pl.col("hidden").alias("pattern"))
            .select(situation_key(self.task).alias("key"))["key"]
            .to_numpy()
        )
        found: dict[str, dict[str, GroupedConformal]] = {}
        for split in self.splits:
            if split.name not in GROUP_SPLITS:
                continue
            predicted = self.answers[(method.name, split.name)]
            good = np.isfinite(predicted) & (predicted > 0)
            errors: Floats = np.full(len(target), np.nan)
            errors[good] = np.abs(np.log(predicted[good] / target[good]))
            found[split.name] = {
                str(situation): GroupedConformal.of(
                    errors[good & (situations == situation)],
                    groups[good & (situations == situation)].tolist(),
                )
                for situation in np.unique(situations[good])
            }
        return found

    def _errors(self, method: Method) -> dict[str, float]:
        scored = self._held_out.get((method.name, FAMILY_SPLIT))
        if scored is None:
            return {}
        subjects = self.labelled.labels["subject_id"].gather(scored.rows).to_list()
        return {
            subject: round(error, 6)
            for subject, error in zip(subjects, scored.log_error.tolist(), strict=True)
        }

    def _answered_share(self, method: Method, estimator: Estimator) -> float:
        """Share of the measured rows that it was held out for and answered; else of all rows."""
        truth = int(self.labelled.is_truth.sum())
        scored = self._held_out.get((method.name, FAMILY_SPLIT))
        if scored is not None and truth:
            return len(scored.rows) / truth
        answered = np.isfinite(estimator.predict(self.labelled.features))
        return float(answered.mean())

    def _headline(self, method: Method) -> dict[str, Any]:
        scored = self._held_out.get((method.name, FAMILY_SPLIT))
        if scored is None:
            return {}
        rows = list(score_rows(self.task, method, FAMILY_SPLIT, scored, self.table))
        if not rows:
            return {}
        return {"split": FAMILY_SPLIT, **{name: rows[0][name] for name in _HEADLINES}}

    def _label_boundary(self) -> str:
        labels = self.labelled.labels
        true_labels = labels.filter(pl.col("is_truth"))
        counted = (true_labels if true_labels.height else labels)["boundary"].drop_nulls()
        return str(counted.mode().sort()[0]) if counted.len() else "it"

    def _domain(self) -> dict[str, Any]:
        """The range of the measured rows, which intervals are calibrated on."""
        truth = pl.Series(self.labelled.is_truth)
        features = self.labelled.features.filter(truth)
        if not features.height:
            features = self.labelled.features
        numbers = {}
        for name in self.task.domain_numbers:
            known = features[name].drop_nulls()
            if known.len():
                numbers[name] = [float(known.min()), float(known.max())]  # type: ignore[arg-type]
        names = {
            name: sorted(features[name].drop_nulls().unique().to_list())
            for name in self.task.domain_names
        }
        families = self.labelled.labels.filter(truth)["family"].unique().sort().to_list()
        return {
            "numbers": numbers,
            "names": {name: values for name, values in names.items() if values},
            "families": families,
        }


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The scalar parameters of an estimator and of its steps."""
    return {
        name: value
        for name, value in sorted(parameters.items())
        if isinstance(value, bool | int | str)
        or (isinstance(value, float) and math.isfinite(value))
    }
