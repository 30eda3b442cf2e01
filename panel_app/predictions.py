"""The app's only door to the models; the same question is answered once per build."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from panel_app.state import TASKS, PredictState
from warehouse.errors import JoulehouseError
from warehouse.read import PublishedWarehouse

logger = logging.getLogger(__name__)

_Key = tuple[Any, ...]


class ModelPredictor:
    """``ml.predict``, imported when it is first needed, because that takes seconds.

    Answers are remembered by build, task, inputs and interval.
    """

    def __init__(self, *, remembered_answers: int = 256) -> None:
        self._answers: OrderedDict[_Key, pl.DataFrame] = OrderedDict()
        self._remembered_answers = remembered_answers

    def predict(
        self,
        task: str,
        inputs: pl.DataFrame,
        *,
        warehouse: PublishedWarehouse,
        models_dir: Path,
        interval_level: float = 0.9,
    ) -> pl.DataFrame:
        """See ``ml.predict.predict``."""
        from ml.predict import predict

        key = ("predict", warehouse.path, task, _content(inputs), interval_level)
        return self._remembered(
            key,
            lambda: predict(
                task,
                inputs,
                warehouse=warehouse,
                models_dir=models_dir,
                interval_level=interval_level,
            ),
        )

    def compare_methods(
        self,
        task: str,
        inputs: pl.DataFrame,
        *,
        warehouse: PublishedWarehouse,
        models_dir: Path,
        interval_level: float = 0.9,
    ) -> pl.DataFrame:
        """See ``ml.predict.compare_methods``."""
        from ml.predict import compare_methods

        key = ("compare", warehouse.path, task, _content(inputs), interval_level)
        return self._remembered(
            key,
            lambda: compare_methods(
                task,
                inputs,
                warehouse=warehouse,
                models_dir=models_dir,
                interval_level=interval_level,
            ),
        )

    def _remembered(self, key: _Key, answer: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        if key[1] is None:
            # A warehouse that follows the pointer may be another build the next time.
            return answer()
        if key not in self._answers:
            self._answers[key] = answer()
            while len(self._answers) > self._remembered_answers:
                self._answers.popitem(last=False)
        return self._answers[key]


def warm_up(
    predictor: ModelPredictor,
    warehouse: PublishedWarehouse,
    models_dir: Path,
    inputs_of: Callable[[PredictState], tuple[pl.DataFrame, list[str]]],
) -> None:
    """Answer what the page Predict asks first, so that its first visitor does not wait."""
    for task in TASKS:
        state = PredictState(task=task)
        inputs, _ = inputs_of(state)
        for ask in (predictor.predict, predictor.compare_methods):
            try:
                ask(
                    task,
                    inputs,
                    warehouse=warehouse,
                    models_dir=models_dir,
                    interval_level=float(state.interval),
                )
            except JoulehouseError as error:
                # The page will say so itself; a build without models is no fault of the server.
                logger.info("no prediction to prepare for %s: %s", task, error)


def _content(inputs: pl.DataFrame) -> _Key:
    return (tuple(inputs.columns), tuple(inputs.rows()))
