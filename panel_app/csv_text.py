"""Frames as CSV that a spreadsheet can open without running anything in it."""

from __future__ import annotations

import re

import polars as pl

from warehouse.csv_rule import FORMULA


def to_csv(frame: pl.DataFrame) -> bytes:
    """UTF-8 CSV with a header; lists are joined by ``;``, text that starts a formula is quoted.

    Instants are written in ISO 8601, UTC.
    """
    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    flat = frame.with_columns(
        pl.col(name).list.eval(pl.element().cast(pl.String)).list.join(";") for name in lists
    )
    texts = [
        name
        for name, dtype in flat.schema.items()
        if dtype == pl.String or isinstance(dtype, (pl.Categorical, pl.Enum))
    ]
    safe = flat.with_columns(_harmless(name) for name in texts)
    named = safe.rename({name: _harmless_name(name) for name in safe.columns})
    return named.write_csv(quote_style="necessary", datetime_format="%Y-%m-%dT%H:%M:%SZ").encode(
        "utf-8"
    )


def _harmless(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    is_formula = text.str.contains(FORMULA)
    return pl.when(is_formula).then(pl.format("'{}", text)).otherwise(text).alias(name)


def _harmless_name(name: str) -> str:
    return f"'{name}" if re.search(FORMULA, name) else name
