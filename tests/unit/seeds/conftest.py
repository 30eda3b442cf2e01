"""The seeds as frames of text, so that what the tests see is what the files say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from warehouse.settings import Settings


@pytest.fixture(scope="session")
def seeds_dir() -> Path:
    return Settings().dbt_dir / "seeds"


@pytest.fixture(scope="session")
def seed(seeds_dir: Path) -> Callable[[str], pl.DataFrame]:
    """A seed by name: every column is text, an empty field is null."""

    def read(name: str) -> pl.DataFrame:
        return pl.read_csv(seeds_dir / f"{name}.csv", infer_schema=False)

    return read
