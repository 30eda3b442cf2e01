"""The only place that opens DuckDB connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.errors import LoadError, LockedError, NotPublishedError
from warehouse.settings import Settings

# Threads that open or close one file at the same moment meet "Unique file handle conflict".
_opening = threading.Lock()

Connection = duckdb.DuckDBPyConnection


@contextmanager
def build_connection(
    settings: Settings, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the writer's own file, created if it is not there.

    Raises:
        LockedError: another process has it open.
        LoadError: the file is not a DuckDB database of this version.
    """
    path = settings.build_path
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _opening:
            connection = duckdb.connect(str(path), read_only=read_only, config=_config(settings))
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise LockedError(
                f"the build file {path.name} is open in another process: {error}.",
                remedy="Close what has it open; readers should open published/current.duckdb.",
            ) from error
        raise LoadError(
            f"the build file {path.name} cannot be opened: {error}.",
            remedy="Move it away and run `joulehouse refresh`: it is rebuilt from the landing.",
        ) from error
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        with _opening:
            connection.close()


@contextmanager
def reading_connection(path: Path, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A short-lived read-only connection to a published (or any) DuckDB file.

    Raises:
        NotPublishedError: the file is not there.
    """
    try:
        with _opening:
            connection = duckdb.connect(str(path), read_only=True, config=_config(settings))
    except duckdb.IOException as error:
        if path.exists():
            raise
        raise NotPublishedError(
            f"{path.name} is not there.", remedy="Run `joulehouse refresh` first."
        ) from error
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        with _opening:
            connection.close()


def _config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    temporary = settings.data_dir / "tmp"
    return {
        "memory_limit": settings.duckdb_memory_limit,
        "threads": settings.duckdb_threads,
        "temp_directory": str(temporary),
    }
