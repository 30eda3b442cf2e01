"""What goes with exported tables: data dictionaries, a README and a citation file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from panel_app.csv_text import to_csv
from warehouse.exporting import ExportedTable, FileFormat

Row = dict[str, Any]
_SOURCE_FIELDS = ("source_id", "title", "publisher", "homepage_url", "licence", "licence_url")
DEVELOPERS = "The Joulehouse developers"


@dataclass(frozen=True)
class Described:
    """An exported table with what the warehouse says of it.

    ``has_source_column`` is false where no column of the table names a source; ``sources`` are
    then all that the warehouse holds rows of.
    """

    table: ExportedTable
    grain: str
    columns: Sequence[Row]
    sources: Sequence[Row]
    has_source_column: bool

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.table.table_name


def write_dictionary(described: Described, folder: Path, build_id: str) -> None:
    """Write ``<table>.dictionary.json`` and its columns as ``<table>.dictionary.csv``."""
    document = {
        "table_name": described.name,
        "file": described.table.path.name,
        "build_id": build_id,
        "grain": described.grain,
        "row_count": described.table.row_count,
        "columns": [dict(column) for column in described.columns],
        "sources_are": "named by its columns"
        if described.has_source_column
        else "all of the warehouse: no column of this table names the source of a row",
        "sources": [_as_json(source) for source in described.sources],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (folder / f"{described.name}.dictionary.json").write_text(text, encoding="utf-8")
    columns = to_csv(pl.DataFrame(described.columns, infer_schema_length=None))
    (folder / f"{described.name}.dictionary.csv").write_bytes(columns)


def write_citation(tables: Sequence[Described], folder: Path, build_id: str, day: date) -> None:
    """Write ``CITATION.cff``: the build, and below it each source with its own citation."""
    document = {
        "cff-version": "1.2.0",
        "message": "Cite this data set by its build, and each source whose rows you use.",
        "type": "dataset",
        "title": f"Joulehouse: the energy and carbon of AI, build {build_id}",
        "authors": [{"name": DEVELOPERS}],
        "version": build_id,
        "date-released": day.isoformat(),
        "abstract": "Tables: " + ", ".join(described.name for described in tables),
        "references": [_reference(source) for source in sources_of(tables)],
    }
    if not document["references"]:
        del document["references"]
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=96)
    (folder / "CITATION.cff").write_text(text, encoding="utf-8")


def write_readme(
    tables: Sequence[Described], folder: Path, build_id: str, file_format: FileFormat
) -> None:
    """Write ``README.md``: what is there, how it is read, and under which licences."""
    lines = [
        f"# Joulehouse export, build {build_id}",
        "",
        "| File | Rows | Each row | Sources |",
        "|---|---|---|---|",
        *(_table_line(described) for described in tables),
        "",
        "Beside each file stands its data dictionary, `<table>.dictionary.json` (grain, columns",
        "with type, unit and meaning, sources with licence and citation) and its columns again as",
        "`<table>.dictionary.csv`. `CITATION.cff` says how to cite the build and its sources;",
        "`sha256sum --check SHA256SUMS` says whether a file was changed.",
        "",
        "Instants are UTC. A null means not known, and never zero.",
        *(_CSV_RULES if file_format == "csv" else ()),
        "",
        "## Sources and licences",
        "",
        "The licences differ, and some do not allow the figures to be passed on: nothing was left",
        "out of these files for that, so read the licence of each source before you share them. A",
        "figure may stand on further sources than the one that its row names, such as an emission",
        'factor; `joulehouse sql "from meta_sources"` lists all of them.',
        "",
    ]
    for source in sources_of(tables):
        lines += [
            f"- **{source['title']}** (`{source['source_id']}`, {source['publisher'] or 'n.n.'})",
            f"  - Licence: {source['licence']}",
            f"  - Cite: {source['citation']}",
        ]
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


_CSV_RULES = (
    'An empty cell is a null, `""` an empty text. Text that a spreadsheet would run as a formula',
    "begins with an apostrophe that is not part of it; items of a list are joined by `;`.",
)


def sources_of(tables: Sequence[Described]) -> list[Row]:
    """Every source of some tables, once, by its id."""
    found = {source["source_id"]: source for table in tables for source in table.sources}
    return [found[source_id] for source_id in sorted(found)]


def _table_line(described: Described) -> str:
    if described.has_source_column or not described.sources:
        named = ", ".join(f"`{source['source_id']}`" for source in described.sources) or "none"
    else:
        named = "all of the warehouse"
    grain = described.grain.replace("|", "\\|")
    return f"| `{described.table.path.name}` | {described.table.row_count:,} | {grain} | {named} |"


def _reference(source: Row) -> Row:
    """A source in the terms of the Citation File Format; its licence is text, no SPDX id."""
    reference = {
        "type": "data",
        "title": source["title"],
        "authors": [{"name": source["publisher"] or source["title"]}],
        "url": source["homepage_url"],
        "date-accessed": _day(source["last_success_at"]),
        "notes": f"Cite as: {source['citation']} Licence: {source['licence']}",
    }
    return {key: value for key, value in reference.items() if value}


def _as_json(source: Row) -> Row:
    kept = {name: source[name] for name in (*_SOURCE_FIELDS, "citation")}
    accessed = source["last_success_at"]
    return kept | {"last_success_at": accessed.isoformat() if accessed else None}


def _day(instant: datetime | None) -> str | None:
    return instant.date().isoformat() if instant else None
