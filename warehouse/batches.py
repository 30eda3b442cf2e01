"""Several landed bodies on their way into the raw tables, within one transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from warehouse.bookkeeping import RAW_TABLES
from warehouse.errors import ParseError
from warehouse.instants import in_utc, naive
from warehouse.landing import Landed
from warehouse.run import Run
from warehouse.tables import REJECTS, Parsed, Table, no_rejects, rejects_of
from warehouse.versions import contradictions, insert_all, insert_versions

_NO_REJECTS = no_rejects().with_columns(pl.lit(0, dtype=pl.Int32).alias("__landing"))
_TABLES = {table.name: table for table in RAW_TABLES}


@dataclass(frozen=True)
class Reading:
    """A landed body and what a parser made of it; ``failure`` if it made nothing at all."""

    landed: Landed
    parsed: Parsed
    failure: ParseError | None = None


class Batch:
    """Some bodies of one source. Its caller begins and ends the transaction."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        readings: Sequence[Reading],
        recorded_at: Mapping[str, datetime],
        run: Run,
    ) -> None:
        self._connection = connection
        self._readings = readings
        self._run = run
        self._recorded_at = [
            recorded_at.get(reading.landed.landing_id, run.as_of) for reading in readings
        ]
        self._source_id = readings[0].landed.source_id
        self._stored: Counter[str] = Counter()

    @property
    def row_count(self) -> int:
        """Rows that were stored."""
        return self._stored.total()

    def insert(self, table: Table) -> pl.DataFrame:
        """Insert the rows for one table.

        Returns:
            A reject for each row that a later row of the same body contradicts.
        """
        parts = [
            self._with_provenance(frame, number)
            for number, reading in enumerate(self._readings)
            if (frame := reading.parsed.frames.get(table.name)) is not None and frame.height
        ]
        if not parts:
            return _NO_REJECTS
        frame = pl.concat(parts)
        given = {"source_id": self._source_id, "run_id": self._run.run_id}
        with _registered(self._connection, incoming=in_utc(frame)):
            if not table.is_versioned:
                self._count(insert_all(self._connection, table, frame, **given))
                return _NO_REJECTS
            inserted = insert_versions(self._connection, table, frame, **given)
            self._count(inserted)
            if sum(inserted.values()) == frame.height:
                return _NO_REJECTS
            found = contradictions(self._connection, table)
        return _contradicted(frame, table, found) if found else _NO_REJECTS

    def _count(self, inserted: Mapping[str, int]) -> None:
        self._stored.update(inserted)

    def _with_provenance(self, frame: pl.DataFrame, number: int) -> pl.DataFrame:
        """The rows of one body with where they came from.

        What is the same in every row is categorical: DuckDB then takes it as one value and a list
        of small numbers, which halves the time that four million rows take.
        """
        landed = self._readings[number].landed
        return frame.with_row_index("__row").with_columns(
            pl.lit(number, dtype=pl.Int32).alias("__landing"),
            pl.lit(landed.landing_id, dtype=pl.Categorical).alias("landing_id"),
            pl.lit(landed.landed_sha256, dtype=pl.Categorical).alias("landed_sha256"),
            pl.lit(naive(landed.fetched_at), dtype=pl.Datetime("us")).alias("fetched_at"),
            pl.lit(naive(self._recorded_at[number]), dtype=pl.Datetime("us")).alias("recorded_at"),
        )

    def insert_rejects(self, rejects: pl.DataFrame) -> None:
        """Put rows that cannot be used into quarantine."""
        if rejects.is_empty():
            return
        batch = pl.DataFrame(
            {
                "__landing": pl.Series(range(len(self._readings)), dtype=pl.Int32),
                "landing_id": [reading.landed.landing_id for reading in self._readings],
                "landed_sha256": [reading.landed.landed_sha256 for reading in self._readings],
            }
        )
        with _registered(self._connection, incoming=rejects, batch=batch):
            self._connection.execute(
                """
                insert into raw.quarantine by name
                select
                    ? as source_id,
                    batch.landing_id,
                    batch.landed_sha256,
                    incoming.* exclude (__landing),
                    ?::timestamp as quarantined_at,
                    ? as run_id
                from incoming inner join batch on incoming.__landing = batch.__landing
                """,
                [self._source_id, naive(self._run.now()), self._run.run_id],
            )

    def record(self, rejects: pl.DataFrame, parser_version: int) -> None:
        """Write what landed and what was loaded of it."""
        refused = dict(rejects.group_by("__landing").len().iter_rows())
        landings, loads = [], []
        for number, reading in enumerate(self._readings):
            landed = reading.landed
            about = about_json(landed.about)
            landings.append(vars(landed) | {"about_json": about})
            loads.append(
                {
                    "landing_id": landed.landing_id,
                    "landed_sha256": landed.landed_sha256,
                    "source_id": landed.source_id,
                    "parser_version": parser_version,
                    "read_count": reading.parsed.row_count,
                    "row_count": self._stored[landed.landing_id],
                    "quarantined_count": refused.get(number, 0),
                    "loaded_at": self._run.now(),
                    "recorded_at": self._recorded_at[number],
                    "run_id": self._run.run_id,
                    "error": str(reading.failure) if reading.failure else "",
                }
            )
        _write_rows(self._connection, "landings", landings)
        _write_rows(self._connection, "loads", loads)


def about_json(about: Mapping[str, str]) -> str:
    """What is known about a body, in one spelling."""
    return json.dumps(dict(about), sort_keys=True)


def rejects_of_body(reading: Reading, number: int) -> pl.DataFrame:
    """A body's rejects; a body that could not be read at all is one reject."""
    rejects = reading.parsed.rejects
    if (failure := reading.failure) is not None:
        row = {
            "table_name": "",
            "location": failure.location or reading.landed.name,
            "column_name": failure.field,
            "offending_value": failure.value[:500],
            "reason": failure.reason,
        }
        rejects = pl.DataFrame([row], schema=REJECTS)
    return rejects.with_columns(pl.lit(number, dtype=pl.Int32).alias("__landing"))


def _contradicted(frame: pl.DataFrame, table: Table, found: list[tuple[int, int]]) -> pl.DataFrame:
    at = pl.DataFrame(found, schema={"__landing": pl.Int32, "__row": pl.UInt32}, orient="row")
    rows = frame.join(at, on=["__landing", "__row"], how="semi")
    rejects = rejects_of(
        rows,
        table=table.name,
        location=pl.format("row {}", "__row"),
        column=table.key[0],
        value=pl.concat_str(
            [pl.col(name).cast(pl.String) for name in table.key],
            separator=" ",
            ignore_nulls=True,
        ),
        reason="the body says something else of the same key further on; that was kept",
    )
    return rejects.with_columns(rows["__landing"])


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, **frames: pl.DataFrame) -> Iterator[None]:
    for name, frame in frames.items():
        connection.register(name, frame)
    try:
        yield
    finally:
        for name in frames:
            connection.unregister(name)


def _write_rows(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows of a bookkeeping table of ``raw``."""
    columns = [column.name for column in _TABLES[name].columns]
    schema = {column.name: column.dtype for column in _TABLES[name].columns}
    frame = pl.DataFrame([{name: row[name] for name in columns} for row in rows], schema=schema)
    with _registered(connection, incoming=in_utc(frame)):
        connection.execute(f"insert into raw.{name} by name select * from incoming")
