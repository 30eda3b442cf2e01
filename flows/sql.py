"""``joulehouse sql``: one SELECT on the published warehouse, answered on standard output."""

from __future__ import annotations

import io
import json
import sys
from typing import Literal

import polars as pl
from rich.console import Console
from rich.table import Table

from warehouse.errors import InputError
from warehouse.read import PublishedWarehouse
from warehouse.settings import Settings


def print_answer(
    settings: Settings, statement: str, output: Literal["table", "csv", "json"], *, limit: int
) -> None:
    """Run the statement and print its answer.

    Raises:
        InputError: there is no statement.
        NotPublishedError: nothing was published yet.
        QueryError: DuckDB refuses the statement.
    """
    if not statement.strip().strip(";"):
        raise InputError("there is no statement.", remedy='Example: `joulehouse sql "select 1"`.')
    frame = PublishedWarehouse.open(settings).query(statement)
    if output == "csv":
        sys.stdout.write(_flat(frame).write_csv())
    elif output == "json":
        sys.stdout.write(as_json(frame) + "\n")
    else:
        _print_table(frame, limit)


def as_json(frame: pl.DataFrame) -> str:
    """Rows as a JSON array of objects, on one line each."""
    lines = io.BytesIO()
    frame.write_ndjson(lines)
    rows = lines.getvalue().decode().splitlines()
    return "[\n" + ",\n".join(rows) + "\n]" if rows else "[]"


def _print_table(frame: pl.DataFrame, limit: int) -> None:
    shown = frame.head(limit) if limit else frame
    table = Table(header_style="bold")
    for name, dtype in shown.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in shown.iter_rows():
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = 100_000  # a pipe has no width: let nothing be cut
    console.print(table)
    rest = frame.height - shown.height
    more = f", the first {shown.height:,} shown; --limit 0 shows all" if rest else ""
    console.print(f"{frame.height:,} row{'' if frame.height == 1 else 's'}{more}")


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Nested columns as JSON text, which CSV can hold."""
    return frame.with_columns(
        pl.Series(
            name,
            [
                None if cell is None else json.dumps(cell, default=str)
                for cell in frame[name].to_list()
            ],
            dtype=pl.String,
        )
        for name, dtype in frame.schema.items()
        if dtype.is_nested()
    )
