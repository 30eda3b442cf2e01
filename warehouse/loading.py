"""Writing parsed rows to the raw tables, once each.

Everything here is idempotent: a body that is loaded by the same parser version changes nothing;
by another version, its rows are replaced. One body is one transaction, so that a process killed
in the middle leaves either all of its rows or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import polars as pl

from warehouse.bookkeeping import ML_OUTPUT_TABLES, RAW_TABLES
from warehouse.errors import LoadError
from warehouse.journal import RunRecord
from warehouse.landing import Landed
from warehouse.run import Run
from warehouse.tables import Parsed, Table

_TABLES = {("raw", table.name): table for table in RAW_TABLES} | {
    ("ml_output", table.name): table for table in ML_OUTPUT_TABLES
}


@dataclass(frozen=True)
class Loaded:
    """What a load did. Counts are rows; ``is_new`` is False if nothing was to do."""

    is_new: bool
    row_count: int
    quarantined_count: int


def is_loaded(
    connection: duckdb.DuckDBPyConnection, landed: Landed, *, parser_version: int
) -> bool:
    """Whether the body is in the raw tables, read by this version of its parser."""
    row = connection.execute(
        "select 1 from raw.loads where source_id = ? and landed_sha256 = ? and parser_version = ?",
        [landed.source_id, landed.landed_sha256, parser_version],
    ).fetchone()
    return row is not None


def load(
    connection: duckdb.DuckDBPyConnection,
    landed: Landed,
    parsed: Parsed,
    *,
    tables: Iterable[Table],
    parser_version: int,
    run: Run,
) -> Loaded:
    """Put a parsed body into the raw tables, its rejects into ``raw.quarantine``.

    Raises:
        LoadError: the frames are not those that the tables declare, or DuckDB refuses them.
    """
    declared = {table.name: table for table in tables}
    if unknown := set(parsed.frames) - set(declared):
        raise LoadError(
            f"source {landed.source_id} parsed rows for {sorted(unknown)}, "
            f"but declares only {sorted(declared)}.",
            remedy="Declare the table in the source's module.",
        )
    connection.execute("begin")
    try:
        recorded_at = _forget(connection, landed, declared) or run.as_of
        for name, frame in parsed.frames.items():
            _insert_rows(connection, declared[name], frame, landed, recorded_at, run)
        _insert_rejects(connection, parsed.rejects, landed, run)
        _write_row(connection, "raw", "landings", vars(landed))
        counts = {"row_count": parsed.row_count, "quarantined_count": parsed.rejects.height}
        record = counts | {
            "landed_sha256": landed.landed_sha256,
            "source_id": landed.source_id,
            "parser_version": parser_version,
            "loaded_at": run.now(),
            "recorded_at": recorded_at,
            "run_id": run.run_id,
        }
        _write_row(connection, "raw", "loads", record)
        connection.execute("commit")
    except duckdb.Error as error:
        connection.execute("rollback")
        raise LoadError(
            f"rows of source {landed.source_id}, body {landed.landed_sha256[:12]}, "
            f"could not be loaded: {error}.",
            remedy="Nothing of this body was kept; it is read again at the next refresh.",
        ) from error
    return Loaded(is_new=True, **counts)


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
    connection.register("incoming", _in_utc(frame.select(names)))
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


def _forget(
    connection: duckdb.DuckDBPyConnection, landed: Landed, tables: Mapping[str, Table]
) -> datetime | None:
    """Remove what an earlier load left of this body; its ``recorded_at`` is kept."""
    key = [landed.source_id, landed.landed_sha256]
    row = connection.execute(
        "select recorded_at from raw.loads where source_id = ? and landed_sha256 = ?", key
    ).fetchone()
    if row is None:
        return None
    for name in (*tables, "quarantine", "landings", "loads"):
        connection.execute(f"delete from raw.{name} where source_id = ? and landed_sha256 = ?", key)
    found: datetime = row[0]
    return found.replace(tzinfo=UTC)


def _insert_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    frame: pl.DataFrame,
    landed: Landed,
    recorded_at: datetime,
    run: Run,
) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    connection.register("incoming", _in_utc(frame))
    try:
        connection.execute(
            f"""
            insert into raw.{table.name}
                ({names}, source_id, landed_sha256, fetched_at, recorded_at, run_id)
            select {names}, ?, ?, ?::timestamp, ?::timestamp, ? from incoming
            """,
            [
                landed.source_id,
                landed.landed_sha256,
                _naive(landed.fetched_at),
                _naive(recorded_at),
                run.run_id,
            ],
        )
    finally:
        connection.unregister("incoming")


def _insert_rejects(
    connection: duckdb.DuckDBPyConnection, rejects: pl.DataFrame, landed: Landed, run: Run
) -> None:
    if rejects.is_empty():
        return
    connection.register("incoming", rejects)
    try:
        connection.execute(
            """
            insert into raw.quarantine by name
            select
                ? as source_id,
                ? as landed_sha256,
                incoming.*,
                ?::timestamp as quarantined_at,
                ? as run_id
            from incoming
            """,
            [landed.source_id, landed.landed_sha256, _naive(run.now()), run.run_id],
        )
    finally:
        connection.unregister("incoming")


def _write_row(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, row: Mapping[str, Any]
) -> None:
    """Insert one row of a bookkeeping table, replacing the row with the same key."""
    table = _TABLES[schema, name]
    columns = [column.name for column in table.columns if column.name in row]
    values = [_naive(row[column]) for column in columns]
    same = " and ".join(f'"{key}" is not distinct from ?' for key in table.key)
    connection.execute(f"delete from {schema}.{name} where {same}", [row[key] for key in table.key])
    listed = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join("?" for _ in columns)
    connection.execute(f"insert into {schema}.{name} ({listed}) values ({marks})", values)


def _naive(value: Any) -> Any:  # noqa: ANN401
    """Instants as UTC without zone, as the warehouse keeps them; all else as it is."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    zoned = [
        name
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_zone
    ]
    return frame.with_columns(
        pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None) for name in zoned
    )
