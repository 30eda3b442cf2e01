"""Writing what Joulehouse knows of itself: sources, runs, and what the models gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from warehouse.bookkeeping import ML_OUTPUT_TABLES, RAW_TABLES
from warehouse.errors import LoadError
from warehouse.instants import in_utc, naive
from warehouse.journal import RunRecord

_TABLES = {("raw", table.name): table for table in RAW_TABLES} | {
    ("ml_output", table.name): table for table in ML_OUTPUT_TABLES
}


def record_sources(
    connection: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Replace ``raw.sources`` by what the registry says today."""
    connection.execute("begin")
    connection.execute("delete from raw.sources")
    for row in rows:
        _write_row(connection, "raw", "sources", row)
    connection.execute("commit")


def record_builds(connection: duckdb.DuckDBPyConnection, records: Iterable[RunRecord]) -> None:
    """Copy the journal of runs into ``raw.builds`` and ``raw.source_runs``."""
    connection.execute("begin")
    for record in records:
        values = {name: getattr(record, name) for name in ("run_id", "status", "error")}
        values |= {"build_id": record.build_id or None, "duration_s": record.duration_s}
        for name in ("as_of", "started_at", "published_at"):
            text = getattr(record, name)
            values[name] = datetime.fromisoformat(text) if text else None
        _write_row(connection, "raw", "builds", values)
        for outcome in record.sources:
            instants = {
                name: datetime.fromisoformat(getattr(outcome, name))
                for name in ("started_at", "finished_at")
            }
            row = vars(outcome) | instants | {"run_id": record.run_id}
            _write_row(connection, "raw", "source_runs", row)
    connection.execute("commit")


def write_ml_output(
    connection: duckdb.DuckDBPyConnection, table_name: str, frame: pl.DataFrame
) -> None:
    """Insert rows into a table of ``ml_output``; rows with the same key are replaced.

    Raises:
        LoadError: the frame lacks a column of the key, or DuckDB refuses it.
    """
    table = _TABLES["ml_output", table_name]
    if missing := set(table.key) - set(frame.columns):
        raise LoadError(f"ml_output.{table_name} cannot be written without {sorted(missing)}.")
    names = [column.name for column in table.columns if column.name in frame.columns]
    listed = ", ".join(f'"{name}"' for name in names)
    same = " and ".join(f'old."{name}" is not distinct from new."{name}"' for name in table.key)
    connection.register("incoming", in_utc(frame.select(names)))
    try:
        connection.execute("begin")
        connection.execute(
            f"delete from ml_output.{table_name} as old using incoming as new where {same}"
        )
        connection.execute(
            f"insert into ml_output.{table_name} ({listed}) select {listed} from incoming"
        )
        connection.execute("commit")
    except duckdb.Error as error:
        connection.execute("rollback")
        raise LoadError(f"ml_output.{table_name} could not be written: {error}.") from error
    finally:
        connection.unregister("incoming")


def _write_row(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, row: Mapping[str, Any]
) -> None:
    """Insert one row of a bookkeeping table, replacing the row with the same key."""
    table = _TABLES[schema, name]
    columns = [column.name for column in table.columns if column.name in row]
    values = [naive(row[column]) for column in columns]
    same = " and ".join(f'"{key}" is not distinct from ?' for key in table.key)
    connection.execute(f"delete from {schema}.{name} where {same}", [row[key] for key in table.key])
    listed = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join("?" for _ in columns)
    connection.execute(f"insert into {schema}.{name} ({listed}) values ({marks})", values)
