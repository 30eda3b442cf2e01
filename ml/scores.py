"""The scoreboard: errors of held-out predictions, by method, split and slice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from ml.evaluate import BACKBONE_SPLIT, FAMILY_SPLIT, UNSEEN_HARDWARE_SPLIT, TrainingTable
from ml.intervals import (
    ASSUMED,
    CONFORMAL,
    LEVEL,
    MINIMUM_GROUPS,
    GroupedConformal,
    assumed_half_width,
    group_coverage,
    weighted_median,
)
from ml.methods.base import Floats, Method
from ml.tasks import Task

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class HeldOut:
    """The measured rows that a method answered in a split, each as it is (nothing hidden).

    ``half_width`` is the half-width in logarithms of the interval calibrated without the row's
    group; NaN where none could be.
    """

    rows: npt.NDArray[np.int64]
    measured: Floats
    predicted: Floats
    half_width: Floats
    interval_kind: str | None

    @property
    def log_error(self) -> Floats:
        """``ln(predicted / measured)``."""
        return np.log(self.predicted / self.measured)


def held_out(task: Task, split: str, answers: Floats, table: TrainingTable) -> HeldOut:
    """The measured rows of a split, with the interval that each would have been given."""
    truth = table.labelled.is_truth[table.source]
    asked = np.flatnonzero(table.is_native & truth & np.isfinite(answers) & (answers > 0))
    rows = table.source[asked]
    measured = table.labelled.target[rows]
    predicted = answers[asked]
    half_width = np.full(len(rows), np.nan)
    kind = None
    if split in (FAMILY_SPLIT, BACKBONE_SPLIT):
        groups = table.labelled.labels[task.calibration_group].to_numpy()[rows]
        calibration = GroupedConformal.of(np.abs(np.log(predicted / measured)), groups.tolist())
        if len(calibration.groups) >= MINIMUM_GROUPS:
            kind = CONFORMAL
            together = _held_out_together(task, split, table)
            widths = group_coverage(calibration, together, LEVEL)
            half_width = np.array([widths[group] for group in groups])
            half_width[np.isinf(half_width)] = np.nan
        elif len(rows):
            kind = ASSUMED
            half_width = _assumed(task, table, rows)
    return HeldOut(rows, measured, predicted, half_width, kind)


def score_rows(
    task: Task, method: Method, split: str, scored: HeldOut, table: TrainingTable
) -> Iterator[dict[str, object]]:
    """One scoreboard row for all measured rows, and one for each value of each slice."""
    labels = table.labelled.labels
    features = table.labelled.features
    groups = _groups_of(split, table)[scored.rows]
    slices: list[tuple[str, str, Bools]] = [("all", "all", np.ones(len(scored.rows), dtype=bool))]
    for name in task.slices:
        source = labels if name in labels.columns else features
        values = source[name].fill_null("unknown").to_numpy()[scored.rows]
        slices.extend((name, str(value), values == value) for value in sorted(set(values)))
    for slice_name, slice_value, inside in slices:
        if not inside.any():
            continue
        inside_rows = scored.rows[inside]
        yield {
            "task": task.name,
            "method": method.name,
            "method_kind": method.kind,
            "split": split,
            "slice_name": slice_name,
            "slice_value": slice_value,
            "unit": task.unit,
            "label_kinds": ",".join(sorted(set(labels["label_kind"].gather(inside_rows)))),
            "boundary": ",".join(sorted(set(labels["boundary"].gather(inside_rows).drop_nulls()))),
            **errors(scored.measured[inside], scored.predicted[inside]),
            **_interval_scores(scored, inside),
            "row_count": int(inside.sum()),
            "group_count": len(set(groups[inside])),
        }


def errors(measured: Floats, predicted: Floats) -> dict[str, float | None]:
    """Errors in natural logarithms, as factors, and in the task's unit.

    ``median_factor_error`` is the median of ``max(predicted/measured, measured/predicted)``;
    ``bias_factor`` the geometric mean of ``predicted/measured``. R2 is null for fewer than two
    rows or without variation.
    """
    difference = np.log(predicted / measured)
    size = np.abs(difference)
    return {
        "mae_log": float(size.mean()),
        "rmse_log": float(np.sqrt((size**2).mean())),
        "r2_log": _r2(np.log(measured), np.log(predicted)),
        "mae": float(np.abs(predicted - measured).mean()),
        "rmse": float(np.sqrt(((predicted - measured) ** 2).mean())),
        "r2": _r2(measured, predicted),
        "median_factor_error": float(np.exp(np.median(size))),
        "p90_factor_error": float(np.exp(np.quantile(size, 0.9))),
        "within_1_5x_share": float((size <= math.log(1.5)).mean()),
        "within_2x_share": float((size <= math.log(2)).mean()),
        "bias_factor": float(np.exp(difference.mean())),
    }


def _groups_of(split: str, table: TrainingTable) -> npt.NDArray[np.str_]:
    """The groups that a split counts: what it holds out, or families for a split by rows."""
    if split == UNSEEN_HARDWARE_SPLIT:
        return table.labelled.features["hardware_id"].fill_null("unknown").to_numpy()
    return table.labelled.labels["backbone" if split == BACKBONE_SPLIT else "family"].to_numpy()


def _interval_scores(scored: HeldOut, inside: Bools) -> dict[str, object]:
    width = scored.half_width[inside]
    known = np.isfinite(width)
    if scored.interval_kind is None or not known.any():
        return {
            "interval_level": None,
            "interval_kind": None,
            "coverage_share": None,
            "median_interval_ratio": None,
        }
    covered = np.abs(scored.log_error[inside][known]) <= width[known]
    return {
        "interval_level": LEVEL,
        "interval_kind": scored.interval_kind,
        "coverage_share": float(covered.mean()) if scored.interval_kind == CONFORMAL else None,
        "median_interval_ratio": math.exp(2 * weighted_median(width)),
    }


def _held_out_together(task: Task, split: str, table: TrainingTable) -> dict[str, set[str]]:
    labels = table.labelled.labels
    group = task.calibration_group
    if split == BACKBONE_SPLIT or group == "family":
        return {name: {name} for name in labels[group].unique()}
    family_of = dict(labels.select(group, "family").iter_rows())
    members: dict[str, set[str]] = {}
    for name, family in family_of.items():
        members.setdefault(family, set()).add(name)
    return {name: members[family] for name, family in family_of.items()}


def _assumed(task: Task, table: TrainingTable, rows: npt.NDArray[np.int64]) -> Floats:
    features = table.labelled.features
    routes = (
        features[task.route].to_list() if task.route else [task.functional_unit] * len(features)
    )
    is_known = features["tdp_w"].is_not_null().to_list()
    return np.array(
        [
            assumed_half_width(routes[row], is_hardware_known=is_known[row], worst=0.0, level=LEVEL)
            for row in rows.tolist()
        ]
    )


def _r2(measured: Floats, predicted: Floats) -> float | None:
    total = float(((measured - measured.mean()) ** 2).sum())
    if len(measured) < 2 or total == 0:
        return None
    return 1 - float(((measured - predicted) ** 2).sum()) / total


def scoreboard(rows: list[dict[str, object]]) -> pl.DataFrame:
    """The rows as a frame."""
    return pl.DataFrame(rows, infer_schema_length=None)
