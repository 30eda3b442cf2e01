"""Tables of the published warehouse as Parquet or CSV files, streamed by DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from warehouse.connections import Connection, reading_connection
from warehouse.csv_rule import FORMULA
from warehouse.errors import QueryError
from warehouse.read import PublishedWarehouse

FileFormat = Literal["parquet", "csv"]


@dataclass(frozen=True)
class ExportedTable:
    """One table that was written: its file and how many rows that holds."""

    table_name: str
    path: Path
    row_count: int


def export_table(
    warehouse: PublishedWarehouse,
    table_name: str,
    path: Path,
    file_format: FileFormat,
    *,
    about: Mapping[str, str] | None = None,
) -> ExportedTable:
    """Write one table of schema ``main`` to a file, row by row as it stands in the warehouse.

    In CSV, text that a spreadsheet would run gets a leading apostrophe, instants are ISO 8601 in
    UTC, the items of a list are joined by ``;`` and other nested values are JSON; a null is an
    empty cell and an empty text is ``""``. ``about`` goes to the metadata of a Parquet file.

    Raises:
        NotPublishedError: the build is not there.
        QueryError: DuckDB cannot read the table or write the file.
    """
    with reading_connection(warehouse.build.path, warehouse.settings) as connection:
        try:
            columns = _columns(connection, table_name)
            answer = connection.execute(
                f"copy (select {_selected(columns, file_format)} from main.{_name(table_name)}) "
                f"to {_text(str(path))} ({_options(file_format, about or {})})"
            ).fetchone()
        except duckdb.Error as error:
            raise QueryError(
                f"{table_name} could not be exported to {path.name}: {error}.",
                remedy="See that the disk has room and that the folder may be written.",
            ) from error
    return ExportedTable(table_name, path, int(answer[0]) if answer else 0)


def source_ids(warehouse: PublishedWarehouse, table_name: str) -> list[str] | None:
    """The ids of the sources that occur in a table; None where it has no column of them."""
    with reading_connection(warehouse.build.path, warehouse.settings) as connection:
        named = [
            name
            for name, data_type in _columns(connection, table_name)
            if data_type == "VARCHAR" and (name == "source_id" or name.endswith("_source_id"))
        ]
        if not named:
            return None
        union = " union ".join(
            f"select {_name(name)} as source_id from main.{_name(table_name)}" for name in named
        )
        found = connection.execute(
            f"select source_id from ({union}) where source_id is not null order by 1"
        ).fetchall()
    return [str(source_id) for (source_id,) in found]


def _columns(connection: Connection, table_name: str) -> list[tuple[str, str]]:
    found = connection.execute(f"describe main.{_name(table_name)}").fetchall()
    return [(str(name), str(data_type)) for name, data_type, *_ in found]


def _selected(columns: list[tuple[str, str]], file_format: FileFormat) -> str:
    if file_format == "parquet":
        return "*"
    return ", ".join(
        f"{_cell(_name(name), data_type)} as {_name(name)}" for name, data_type in columns
    )


def _cell(column: str, data_type: str) -> str:
    """The expression that gives a column's cells in CSV."""
    if data_type == "VARCHAR" or data_type.startswith("ENUM"):
        return _harmless(f"cast({column} as varchar)")
    if data_type.endswith("[]"):
        return _harmless(f"array_to_string(cast({column} as varchar[]), ';')")
    if data_type.startswith(("STRUCT", "MAP", "UNION", "JSON")):
        return _harmless(f"cast(to_json({column}) as varchar)")
    if data_type.startswith("TIMESTAMP"):
        clock = f"cast({column} as timestamp)"  # a connection's zone is UTC
        return (
            f"strftime({clock}, '%Y-%m-%dT%H:%M:%S') || case "
            f"when microsecond({clock}) % 1000000 = 0 then '' else strftime({clock}, '.%f') "
            "end || 'Z'"
        )
    return column


def _harmless(text: str) -> str:
    rule = _text(FORMULA)
    return f"case when regexp_matches({text}, {rule}) then '''' || {text} else {text} end"


def _options(file_format: FileFormat, about: Mapping[str, str]) -> str:
    if file_format == "csv":
        return "format csv, header true"
    known = ", ".join(f"{_text(key)}: {_text(value)}" for key, value in about.items() if value)
    return "format parquet, compression zstd" + (f", kv_metadata {{{known}}}" if known else "")


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
