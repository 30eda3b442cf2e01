"""Frames as tables that can be read, sorted and taken along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any

import param
import polars as pl
from panel.custom import JSComponent

from panel_app.format import UNKNOWN
from panel_app.theme import ASSETS_DIR, read_asset


@dataclass(frozen=True)
class TableColumn:
    """One column of a table: which of the frame's, its head, and how its values are written."""

    name: str
    title: str
    written: Callable[[Any], str] = str
    is_numeric: bool = False
    is_code: bool = False
    link_column: str | None = None
    tone: Callable[[Any], str] | None = None


class Table(JSComponent):
    """A semantic HTML table; heads sort it, further rows come on demand."""

    columns = param.List(default=[])
    rows = param.List(default=[])
    caption = param.String(default="", doc="Said to those who do not see the table.")
    page_rows = param.Integer(default=25, bounds=(1, None))

    _esm = ASSETS_DIR / "table.js"

    def __init__(self, **params: object) -> None:
        params.setdefault("stylesheets", [read_asset("table.css")])
        super().__init__(**params)


def table(
    frame: pl.DataFrame, columns: Sequence[TableColumn], *, caption: str, page_rows: int = 25
) -> Table:
    """Show ``columns`` of ``frame``; unknown values read as such and sort last."""
    return Table(
        columns=[
            {
                "title": column.title,
                "numeric": column.is_numeric,
                "code": column.is_code,
            }
            for column in columns
        ],
        rows=[[_cell(row, column) for column in columns] for row in frame.iter_rows(named=True)],
        caption=caption,
        page_rows=page_rows,
        sizing_mode="stretch_width",
        margin=0,
    )


def _cell(row: dict[str, Any], column: TableColumn) -> dict[str, Any]:
    value = row[column.name]
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return {"text": UNKNOWN if column.is_numeric else "–", "sort": None}
    cell: dict[str, Any] = {"text": column.written(value), "sort": _sort_key(value)}
    if column.link_column is not None:
        cell["href"] = row[column.link_column] or ""
    if column.tone is not None:
        cell["tone"] = column.tone(value)
    if column.is_numeric:
        cell["title"] = f"{value:,}" if isinstance(value, int) else str(value)
    return cell


def _sort_key(value: object) -> float | str:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value).casefold()
