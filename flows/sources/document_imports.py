"""The tables of docs/measurements.md, written from the declarations of what users import.

``python -m flows.sources.document`` writes them with docs/data_sources.md.
"""

from __future__ import annotations

from pathlib import Path

from flows.sources.registry import SOURCES
from warehouse.settings import get_settings
from warehouse.tables import Column, Table


def imports_path() -> Path:
    """Where the page lies."""
    return get_settings().project_dir / "docs" / "measurements.md"


def imports_text(existing: str) -> str:
    """The page with the table of each own source made anew.

    Raises:
        ValueError: the marks of a table are not there.
    """
    text = existing
    for source in SOURCES.values():
        if not source.is_import_only:
            continue
        begin, end = f"<!-- columns of {source.source_id} -->", "<!-- end of columns -->"
        head, found, rest = text.partition(begin)
        _, ended, tail = rest.partition(end)
        if not found or not ended:
            raise ValueError(f"the page has no part between {begin!r} and {end!r}")
        (table,) = source.tables
        text = f"{head}{begin}\n{_table(table)}\n{end}{tail}"
    return text


def _table(table: Table) -> str:
    lines = ["| Column | Unit | What it is |", "|---|---|---|"]
    lines += [f"| {_name(one)} | {one.unit or ''} | {_words(one)} |" for one in table.columns]
    return "\n".join(lines)


def _name(column: Column) -> str:
    return f"**`{column.name}`**" if column.required else f"`{column.name}`"


def _words(column: Column) -> str:
    bounds = [
        f"at least {column.minimum:g}" if column.minimum else "",
        f"at most {column.maximum:g}" if column.maximum is not None else "",
    ]
    said = ", ".join(bound for bound in bounds if bound)
    return f"{column.description}." + (f" {said.capitalize()}." if said else "")
