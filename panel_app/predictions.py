"""The app's only door to the models."""

from __future__ import annotations

import importlib
from pathlib import Path

import polars as pl

from warehouse.read import PublishedWarehouse


def preload() -> None:
    """Import the models' libraries, so that the first prediction does not wait for them."""
    importlib.import_module("ml.predict")


class ModelPredictor:
    """``ml.predict``, imported when it is first needed: it is slow to import."""

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

        return predict(
            task,
            inputs,
            warehouse=warehouse,
            models_dir=models_dir,
            interval_level=interval_level,
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

        return compare_methods(
            task,
            inputs,
            warehouse=warehouse,
            models_dir=models_dir,
            interval_level=interval_level,
        )
