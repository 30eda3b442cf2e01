"""Creating the declared tables, and keeping them in step with their declaration."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import polars as pl

from warehouse.bookkeeping import ML_OUTPUT_TABLES, PROVENANCE, RAW_TABLES
from warehouse.tables import Column, Dtype, Table

SCHEMAS = ("raw", "seeds", "staging", "intermediate", "ml_output", "main")

_SQL_TYPES: dict[object, str] = {
    pl.String: "VARCHAR",
    pl.Categorical: "VARCHAR",
    pl.Boolean: "BOOLEAN",
    pl.Int8: "TINYINT",
    pl.Int16: "SMALLINT",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.Float32: "FLOAT",
    pl.Float64: "DOUBLE",
    pl.Date: "DATE",
}


def ensure_schemas(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table] = ()) -> None:
    """Create every schema, our own tables, and the raw tables of the sources, where missing.

    A column that was added to a declaration is added to the table. A raw table whose declared
    types changed is made anew and its bodies are marked as not loaded, so that the next load
    reads them again from the landing area.
    """
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    for table in RAW_TABLES:
        _ensure_table(connection, "raw", table, table.columns)
    for table in ML_OUTPUT_TABLES:
        _ensure_table(connection, "ml_output", table, table.columns)
    for table in {table.name: table for table in tables}.values():
        changed = _ensure_table(connection, "raw", table, (*table.columns, *PROVENANCE))
        if changed:
            connection.execute(
                "update raw.loads set parser_version = -1 where source_id in "
                f"(select distinct source_id from raw.{table.name})"
            )
            connection.execute(f"drop table raw.{table.name}")
            _ensure_table(connection, "raw", table, (*table.columns, *PROVENANCE))


def sql_type(dtype: Dtype) -> str:
    """The DuckDB type of a Polars type. Instants are TIMESTAMP without zone, always UTC."""
    if isinstance(dtype, pl.List):
        return f"{sql_type(dtype.inner)}[]"
    if isinstance(dtype, pl.Datetime) or dtype == pl.Datetime:
        return "TIMESTAMP"
    return _SQL_TYPES[dtype.base_type()]


def _ensure_table(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: Table,
    columns: tuple[Column, ...],
) -> bool:
    """Create the table or add its new columns; True if a type no longer fits."""
    found = dict(
        connection.execute(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name = ? and table_name = ? and database_name = current_database()",
            [schema, table.name],
        ).fetchall()
    )
    if not found:
        body = ", ".join(f'"{column.name}" {sql_type(column.dtype)}' for column in columns)
        connection.execute(f"create table {schema}.{table.name} ({body})")
        connection.execute(
            f"comment on table {schema}.{table.name} is {_literal(table.description)}"
        )
        for column in columns:
            unit = f" [{column.unit}]" if column.unit else ""
            connection.execute(
                f'comment on column {schema}.{table.name}."{column.name}" is '
                f"{_literal(column.description + unit)}"
            )
        return False
    for column in columns:
        if column.name not in found:
            connection.execute(
                f'alter table {schema}.{table.name} add column "{column.name}" '
                f"{sql_type(column.dtype)}"
            )
            if column.name == "landing_id":  # before it was recorded, a body landed once at most
                connection.execute(f"update {schema}.{table.name} set landing_id = landed_sha256")
        elif found[column.name] != sql_type(column.dtype):
            return True
    return False


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
