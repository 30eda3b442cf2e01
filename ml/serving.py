"""Answering rows with registered models: who answers, and how wide the interval is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ml import artifacts
from ml.artifacts import Artifact
from ml.evaluate import BACKBONE_SPLIT, FAMILY_SPLIT
from ml.features import COMPLETE, situation_key
from ml.intervals import (
    ASSUMED,
    CONFORMAL,
    MINIMUM_GROUPS,
    OUTSIDE_FACTOR,
    GroupedConformal,
    assumed_half_width,
    normal_ratio,
)
from ml.messages import Rule, by_rules
from ml.methods.base import Floats, Method
from ml.methods.registry import method_named, methods_of
from ml.register import champion_of, rank, registered_versions
from ml.tasks import Task
from warehouse.errors import ArtifactError
from warehouse.read import Queryable

# How far beyond the measured range a number may lie before the interval is widened.
_RANGE_SLACK = 1.5
_EQUIVALENT_NAMES = {"fp16": "bf16"}


@dataclass(frozen=True)
class ServedModel:
    """A registered version that can answer."""

    method: Method
    model_version: str
    is_champion: bool
    artifact: Artifact

    @property
    def boundary(self) -> str:
        """What the answer counts when no PUE is given.

        A regressor that is told the boundary of its labels is asked for the accelerators alone.
        """
        if self.method.boundary is not None:
            return self.method.boundary
        manifest = self.artifact.manifest
        is_told = self.method.kind == "regressor" and "is_it_boundary" in manifest["features"]
        return "accelerator" if is_told else str(manifest["label_boundary"])


def served_models(
    warehouse: Queryable, models_dir: Path, task: Task, method: str | None = None
) -> list[ServedModel]:
    """The versions that answer: the champion, then the others from the best; or one by name.

    Raises:
        InputError: there is no method of that name.
        ArtifactError: nothing is registered, or an artifact is missing or was changed.
    """
    if method is not None:
        method_named(task.name, method)
    versions = registered_versions(warehouse, task)
    champion = champion_of(versions, task)
    known = {found.name for found in methods_of(task.name)}
    newest = versions.filter(pl.col("method").is_in(known)).unique(
        "method", keep="first", maintain_order=True
    )
    rows = sorted(newest.iter_rows(named=True), key=rank)
    if champion is not None and champion["method"] in known:
        rows = [champion, *(row for row in rows if row["method"] != champion["method"])]
    if method is not None:
        rows = [row for row in rows if row["method"] == method]
    if not rows:
        raise ArtifactError(
            f"no model is registered for {task.name}{f' and {method}' if method else ''}.",
            remedy="Run `joulehouse refresh` to train.",
        )
    return [
        ServedModel(
            method=method_named(task.name, row["method"]),
            model_version=row["model_version"],
            is_champion=bool(row["is_champion"]),
            artifact=artifacts.load(models_dir, row["artifact_path"], row["artifact_sha256"]),
        )
        for row in rows
    ]


def answers(
    task: Task, features: pl.DataFrame, models: list[ServedModel], level: float
) -> pl.DataFrame:
    """Energy with bounds for each row of features, in their order.

    Columns: ``energy, energy_lower, energy_upper`` (the task's unit, without PUE; null where no
    model can answer), ``interval_kind, boundary, method, model_version`` and ``warnings``.
    A regressor answers a situation (which inputs are missing) only if it was tested on measured
    rows in it, unless nothing else can answer.
    """
    count = features.height
    energy = np.full(count, np.nan)
    answered_by = np.full(count, -1, dtype=np.int64)
    situations = features.select(situation_key(task).alias("key"))["key"].to_numpy()
    has_start = features[task.offset].is_not_null().to_numpy()
    for is_strict in (True, False):
        for number, model in enumerate(models):
            open_rows = (answered_by < 0) & has_start
            if is_strict and model.method.kind == "regressor":
                open_rows &= np.isin(situations, sorted(tested_situations(model)))
            asked = np.flatnonzero(open_rows)
            if not asked.size:
                continue
            predicted = np.asarray(model.artifact.estimator.predict(features[asked]), dtype=float)
            good = np.isfinite(predicted) & (predicted > 0)
            energy[asked[good]] = predicted[good]
            answered_by[asked[good]] = number
    cases = _cases(task, features, answered_by, models)
    kinds = cases.unique(maintain_order=True)
    widths = [_half_width(task, models, row, level) for row in kinds.iter_rows(named=True)]
    table = kinds.with_columns(
        pl.Series("half_width", [width for width, _, _ in widths], dtype=pl.Float64),
        pl.Series("interval_kind", [kind for _, kind, _ in widths], dtype=pl.String),
        pl.Series("interval_note", [note for _, _, note in widths], dtype=pl.String),
    )
    joined = cases.join(
        table, on=cases.columns, how="left", nulls_equal=True, maintain_order="left"
    )
    half_width = joined["half_width"].to_numpy()
    with np.errstate(over="ignore"):
        lower, upper = energy * np.exp(-half_width), energy * np.exp(half_width)
    return pl.DataFrame(
        {
            "energy": energy,
            "energy_lower": lower,
            "energy_upper": upper,
            "interval_kind": joined["interval_kind"],
            "boundary": _named(answered_by, [model.boundary for model in models]),
            "method": _named(answered_by, [model.method.name for model in models]),
            "model_version": _named(answered_by, [model.model_version for model in models]),
            "warnings": _warnings(task, features, joined, models, energy),
        }
    ).with_columns(pl.col("energy", "energy_lower", "energy_upper").fill_nan(None))


def tested_situations(model: ServedModel) -> set[str]:
    """Situations in which the model was held out against measured rows."""
    return {
        situation
        for situation, found in model.artifact.calibration.get(FAMILY_SPLIT, {}).items()
        if found.groups
    }


def _cases(
    task: Task, features: pl.DataFrame, answered_by: np.ndarray, models: list[ServedModel]
) -> pl.DataFrame:
    """What the width of a row's interval depends on."""
    families = set(models[0].artifact.manifest["domain"]["families"]) if models else set()
    route = pl.col(task.route) if task.route else pl.lit(task.functional_unit)
    outside = [condition.fill_null(value=False) for condition, _ in _outside_rules(task, models)]
    return features.select(
        pl.Series("answered_by", answered_by),
        pl.col("pattern"),
        situation_key(task).alias("situation"),
        route.alias("route"),
        pl.col("tdp_w").is_not_null().alias("is_hardware_known"),
        pl.col("model_family")
        .is_in(sorted(families))
        .fill_null(value=False)
        .alias("is_family_known"),
        pl.sum_horizontal(pl.lit(0), *outside).alias("outside_count"),
    )


def _half_width(
    task: Task, models: list[ServedModel], case: dict[str, Any], level: float
) -> tuple[float | None, str | None, str | None]:
    """Half-width in logarithms, its kind, and a note for the row's warnings."""
    if case["answered_by"] < 0:
        return None, None, None
    calibration = models[case["answered_by"]].artifact.calibration
    split = BACKBONE_SPLIT if case["is_family_known"] else FAMILY_SPLIT
    by_situation = calibration.get(split) or calibration.get(FAMILY_SPLIT, {})
    found = by_situation.get(case["situation"], GroupedConformal({}))
    widening = case["outside_count"] * math.log(OUTSIDE_FACTOR)
    if len(found.groups) < MINIMUM_GROUPS:
        width = assumed_half_width(
            case["route"],
            is_hardware_known=case["is_hardware_known"],
            worst=found.largest(),
            level=level,
        )
        if task.route is None and case["pattern"] != COMPLETE:
            widening += len(case["pattern"].split("+")) * math.log(OUTSIDE_FACTOR)
        return width + widening, ASSUMED, None
    width = found.half_width(level)
    if math.isinf(width):
        ratio = normal_ratio(level) / normal_ratio(found.largest_level)
        return (
            found.largest() * max(1.0, ratio) + widening,
            ASSUMED,
            f"{len(found.groups)} measured groups support an interval of level "
            f"{found.largest_level:.2f} at most",
        )
    return width + widening, ASSUMED if widening else CONFORMAL, None


def _outside_rules(task: Task, models: list[ServedModel]) -> list[Rule]:
    """What lies outside of the measured rows.

    Numbers beyond their range, names never measured, and sizes that nobody disclosed.
    """
    if not models:
        return []
    domain = models[0].artifact.manifest["domain"]
    rules: list[Rule] = []
    for name, (lowest, highest) in sorted(domain["numbers"].items()):
        value = pl.col(name)
        rules.append(
            (
                (value < lowest / _RANGE_SLACK) | (value > highest * _RANGE_SLACK),
                pl.format(
                    "{} {} lies outside of what was measured ({} to {})",
                    pl.lit(name),
                    value.round_sig_figs(3),
                    pl.lit(f"{lowest:.4g}"),
                    pl.lit(f"{highest:.4g}"),
                ),
            )
        )
    for name, values in sorted(domain["names"].items()):
        rules.append(
            (
                ~pl.col(name).replace(_EQUIVALENT_NAMES).is_in(values),
                pl.format("{} was never measured", pl.col(name)),
            )
        )
    uses_estimate = pl.col("is_parameters_estimated") & (
        (pl.col("parameters_total") == pl.col("parameters_total_known"))
        | (pl.col("parameters_active") == pl.col("parameters_active_known"))
    )
    if task.route is not None:
        uses_estimate &= pl.col(task.route) == "flop"
    rules.append(
        (uses_estimate, pl.format("the parameters of {} are estimates", pl.col("model_name_known")))
    )
    return rules


def _warnings(
    task: Task,
    features: pl.DataFrame,
    joined: pl.DataFrame,
    models: list[ServedModel],
    energy: Floats,
) -> pl.Series:
    champion = next((number for number, model in enumerate(models) if model.is_champion), None)
    rules = _outside_rules(task, models)
    rows = features.with_columns(
        joined["interval_note"], joined["answered_by"], pl.Series("energy", energy)
    )
    if "device_hours_energy_kwh" in features.columns:
        tdp_energy = pl.col("device_hours_energy_kwh")
        rules.append(
            (
                pl.col("energy") > tdp_energy,
                pl.format(
                    "{} times what the accelerators draw at TDP, labels above TDP occur",
                    (pl.col("energy") / tdp_energy).round_sig_figs(3),
                ),
            )
        )
    rules.append((pl.col("interval_note").is_not_null(), pl.col("interval_note")))
    if champion is not None and len(models) > 1:
        names = dict(enumerate(model.method.name for model in models))
        answered_by = pl.col("answered_by")
        rules.append(
            (
                (answered_by >= 0) & (answered_by != champion),
                pl.format(
                    "answered by {}, the champion {} was not tested on such inputs",
                    answered_by.replace_strict(names, default=None, return_dtype=pl.String),
                    pl.lit(names[champion]),
                ),
            )
        )
    return by_rules(rows, rules)


def _named(numbers: np.ndarray, names: list[str]) -> pl.Series:
    return pl.Series([*names, None], dtype=pl.String).gather(
        np.where(numbers < 0, len(names), numbers)
    )
