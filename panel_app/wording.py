"""Columns of values as columns of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl


def in_words(column: str, written: Callable[[Any], str]) -> pl.Expr:
    """A column as text, each value (null too) written by ``written``."""

    def write(values: pl.Series) -> pl.Series:
        return pl.Series(values.name, [written(value) for value in values], dtype=pl.String)

    return pl.col(column).map_batches(write, return_dtype=pl.String)
