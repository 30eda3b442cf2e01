"""Reading the warehouse: short-lived connections, always to the build that is current."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb
import polars as pl

from warehouse.connections import build_connection, reading_connection
from warehouse.errors import QueryError
from warehouse.publishing import Build, build_of, current_build
from warehouse.settings import Settings, get_settings

Parameters = Sequence[Any] | Mapping[str, Any]


class Queryable(Protocol):
    """Anything that answers SQL with a frame."""

    def query(
        self, sql: str, parameters: Parameters | None = None, **frames: pl.DataFrame
    ) -> pl.DataFrame:
        """Run one statement; ``frames`` are visible to it as tables under their names."""
        ...


@dataclass(frozen=True)
class PublishedWarehouse:
    """The published warehouse. Each query opens the build that is current at that moment.

    With ``path`` it stays on that one file: for a report that must not move, and for tests.
    """

    settings: Settings
    path: Path | None = None

    @classmethod
    def open(cls, settings: Settings | None = None) -> PublishedWarehouse:
        """The current warehouse of these settings (default: this process's)."""
        return cls(settings or get_settings())

    @classmethod
    def from_file(cls, path: Path, settings: Settings | None = None) -> PublishedWarehouse:
        """One DuckDB file, whatever the pointer says."""
        return cls(settings or get_settings(), path)

    @property
    def build(self) -> Build:
        """The build that the next query will read.

        Raises:
            NotPublishedError: nothing was published yet.
        """
        if self.path is None:
            return current_build(self.settings)
        return build_of(self.path.resolve()) or Build(self.path.stem, 0, self.path)

    def pinned(self) -> PublishedWarehouse:
        """The same warehouse, held to the build that is current now."""
        return PublishedWarehouse(self.settings, self.build.path)

    def query(
        self, sql: str, parameters: Parameters | None = None, **frames: pl.DataFrame
    ) -> pl.DataFrame:
        """Run one statement, read-only.

        Raises:
            NotPublishedError: nothing was published yet.
            QueryError: DuckDB refuses the statement.
        """
        with reading_connection(self.build.path, self.settings) as connection:
            return run_query(connection, sql, parameters, frames)

    def tables(self) -> list[str]:
        """Names of the tables and views of schema ``main``."""
        found = self.query(
            "select table_name from information_schema.tables "
            "where table_schema = 'main' and table_catalog = current_database() order by 1"
        )
        return found["table_name"].to_list()


@dataclass(frozen=True)
class BuildWarehouse:
    """The writer's own file, for training. Only while the writer lock is held."""

    settings: Settings

    def query(
        self, sql: str, parameters: Parameters | None = None, **frames: pl.DataFrame
    ) -> pl.DataFrame:
        """Run one statement.

        Raises:
            QueryError: DuckDB refuses the statement.
        """
        with build_connection(self.settings, read_only=True) as connection:
            return run_query(connection, sql, parameters, frames)


def run_query(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Parameters | None,
    frames: Mapping[str, pl.DataFrame],
) -> pl.DataFrame:
    """Run one SELECT with frames registered as tables; the answer as a Polars frame.

    Raises:
        QueryError: it is not one SELECT, or DuckDB refuses it.
    """
    for name, frame in frames.items():
        connection.register(name, frame)
    try:
        _refuse_all_but_one_select(sql)
        return connection.execute(sql, parameters).pl()
    except duckdb.Error as error:
        raise QueryError(
            f"the warehouse refused the query: {error}",
            remedy='`joulehouse sql "select * from meta_columns"` lists every table and column.',
        ) from error
    finally:
        for name in frames:
            connection.unregister(name)


def _refuse_all_but_one_select(sql: str) -> None:
    """Refuse what could write a file, change a setting, or be answered only in part."""
    kinds = [statement.type for statement in duckdb.extract_statements(sql)]
    answers = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    # DuckDB takes a PIVOT apart: it creates a type before it selects.
    prepares = duckdb.StatementType.CREATE
    if not kinds or kinds[-1] not in answers or any(kind != prepares for kind in kinds[:-1]):
        found = ", ".join(kind.name for kind in kinds) or "nothing"
        raise QueryError(
            "the warehouse refused the query: it is read-only and answers one SELECT at a time; "
            f"this is {found}.",
            remedy="Open data/published/current.duckdb with DuckDB itself for anything else.",
        )
