"""Held-out predictions: which rows are held out together, and what each method says of them.

A group is never in training and test at once, in any of its masked copies.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, StratifiedKFold
from threadpoolctl import threadpool_limits

from ml.features import COMPLETE, LabelledRows
from ml.methods.base import SEED, Estimator, Floats, Method

Rows = npt.NDArray[np.int64]
FAMILY_SPLIT = "leave_family_out"
BACKBONE_SPLIT = "leave_backbone_out"
UNSEEN_HARDWARE_SPLIT = "leave_hardware_out"
HARDWARE_SPLIT = "kfold_by_hardware"
RANDOM_SPLIT = "random_kfold"
GROUP_SPLITS = (FAMILY_SPLIT, BACKBONE_SPLIT)
SPLIT_NOTES = {
    FAMILY_SPLIT: "Whole families held out: what to expect of a model unlike those measured.",
    BACKBONE_SPLIT: "Whole backbones held out, with all variants of one model.",
    UNSEEN_HARDWARE_SPLIT: "All rows of one accelerator held out: what to expect of hardware that "
    "was never measured.",
    HARDWARE_SPLIT: "Rows of one model stand on both sides, in equal shares of each hardware: "
    "flattering, for comparison only.",
    RANDOM_SPLIT: "Rows of one model stand on both sides: flattering, for comparison only.",
}
_WORKERS = 2
_FOLDS = 5
_FEWEST_ROWS_FOR_FOLDS = 10
_MASKED_COPIES = 4
_MASKED_WEIGHT = 0.3
_DERIVED_LABEL_WEIGHT = 0.25


@dataclass(frozen=True)
class Split:
    """A way to hold rows out: pairs of training rows and test rows (numbers of labelled rows)."""

    name: str
    folds: tuple[tuple[Rows, Rows], ...]


@dataclass(frozen=True)
class TrainingTable:
    """What is fitted and asked: labelled rows and their masked copies.

    ``masked`` has the features of every copy, with ``source_row``, ``hidden`` and ``pattern``;
    ``is_native`` marks the copies in which nothing was hidden; ``fit_rows`` numbers the copies that
    take part in fitting, with ``fit_weights``.
    """

    labelled: LabelledRows
    masked: pl.DataFrame
    source: Rows
    is_native: npt.NDArray[np.bool_]
    fit_rows: Rows
    fit_weights: Floats


def training_table(labelled: LabelledRows, masked: pl.DataFrame) -> TrainingTable:
    """Choose the copies to fit on: each row as it is, and a few with inputs hidden at random.

    The masked copies of a row weigh together three tenths of the row; a row whose label is not a
    measurement weighs a quarter.
    """
    source = masked["source_row"].to_numpy()
    is_native = (masked["hidden"] == COMPLETE).to_numpy()
    native_pattern = labelled.features["pattern"].gather(source)
    lacks_more = (masked["pattern"] != native_pattern).to_numpy()
    random = np.random.default_rng(SEED)
    chosen: list[int] = []
    weights: list[float] = []
    label_weight = np.where(labelled.is_truth, 1.0, _DERIVED_LABEL_WEIGHT)
    for row in range(labelled.labels.height):
        native = np.flatnonzero((source == row) & is_native)
        others = np.flatnonzero((source == row) & lacks_more)
        masked_copies = random.permutation(others)[:_MASKED_COPIES]
        chosen.extend([*native.tolist(), *masked_copies.tolist()])
        weights.extend([label_weight[row]] * len(native))
        weights.extend([label_weight[row] * _MASKED_WEIGHT / _MASKED_COPIES] * len(masked_copies))
    return TrainingTable(
        labelled=labelled,
        masked=masked,
        source=source,
        is_native=is_native,
        fit_rows=np.asarray(chosen, dtype=np.int64),
        fit_weights=np.asarray(weights),
    )


def splits_of(labelled: LabelledRows) -> list[Split]:
    """The splits that the measured rows allow; the first is the one that decides.

    Only measured rows are tested on. Rows with a derived label help to fit, unless they belong to
    the group that is held out.
    """
    labels, is_truth = labelled.labels, labelled.is_truth
    family = labels["family"].to_numpy()
    backbone = labels["backbone"].to_numpy()
    found = [_leave_out(FAMILY_SPLIT, family, is_truth)]
    if len(set(backbone[is_truth])) > len(set(family[is_truth])):
        found.append(_leave_out(BACKBONE_SPLIT, backbone, is_truth))
    hardware_of = labelled.features["hardware_id"].fill_null("unknown").to_numpy()
    found.append(_leave_out(UNSEEN_HARDWARE_SPLIT, hardware_of, is_truth))
    true_rows = np.flatnonzero(is_truth)
    if len(true_rows) >= _FEWEST_ROWS_FOR_FOLDS:
        hardware = hardware_of[true_rows]
        smallest = min(np.unique(hardware, return_counts=True)[1])
        if smallest >= _FOLDS:
            stratified = StratifiedKFold(_FOLDS, shuffle=True, random_state=SEED)
            found.append(
                _folds(HARDWARE_SPLIT, stratified.split(true_rows, hardware), true_rows, is_truth)
            )
        plain = KFold(_FOLDS, shuffle=True, random_state=SEED)
        found.append(_folds(RANDOM_SPLIT, plain.split(true_rows), true_rows, is_truth))
    return [split for split in found if split.folds]


def fit(method: Method, table: TrainingTable, rows: Rows | None = None) -> Estimator:
    """A fitted estimator of the method, on the copies of ``rows`` (all by default)."""
    chosen = table.fit_rows
    weights = table.fit_weights
    if rows is not None:
        inside = np.isin(table.source[chosen], rows)
        chosen, weights = chosen[inside], weights[inside]
    return method.build().fit(
        table.masked[chosen], table.labelled.target[table.source[chosen]], sample_weight=weights
    )


def out_of_fold(
    methods: Sequence[Method], splits: Sequence[Split], table: TrainingTable
) -> dict[tuple[str, str], Floats]:
    """Held-out predictions by method and split, one for each masked copy; NaN where not asked.

    Splits by group are asked for every copy, so that intervals can be calibrated for every pattern
    of missing inputs; the others for the rows as they are.
    """
    answers = {
        (method.name, split.name): np.full(table.masked.height, np.nan)
        for method in methods
        for split in splits
    }

    def one_fold(job: tuple[Method, Split, tuple[Rows, Rows]]) -> None:
        method, split, (train, test) = job
        asked = np.isin(table.source, test)
        if split.name not in GROUP_SPLITS:
            asked &= table.is_native
        numbers = np.flatnonzero(asked)
        estimator = fit(method, table, train)
        answers[(method.name, split.name)][numbers] = estimator.predict(table.masked[numbers])

    jobs = [(method, split, fold) for method in methods for split in splits for fold in split.folds]
    with bounded_threads(), ThreadPoolExecutor(_WORKERS) as pool:
        for _ in pool.map(one_fold, jobs):
            pass
    return answers


@contextmanager
def bounded_threads() -> Iterator[None]:
    """One thread a fit, so that results do not depend on the machine's cores.

    The network stops after a fixed number of steps on purpose; its warning says so each time.
    """
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def _leave_out(name: str, groups: npt.NDArray[np.str_], is_truth: npt.NDArray[np.bool_]) -> Split:
    held_out = sorted(set(groups[is_truth].tolist()))
    if len(held_out) < 2:
        return Split(name, ())
    return Split(
        name,
        tuple(
            (np.flatnonzero(groups != group), np.flatnonzero((groups == group) & is_truth))
            for group in held_out
        ),
    )


def _folds(
    name: str,
    folds: Iterator[tuple[Rows, Rows]],
    true_rows: Rows,
    is_truth: npt.NDArray[np.bool_],
) -> Split:
    derived = np.flatnonzero(~is_truth)
    return Split(
        name,
        tuple(
            (np.concatenate([true_rows[train], derived]), true_rows[test]) for train, test in folds
        ),
    )
