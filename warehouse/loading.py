"""Writing parsed rows to the raw tables, once each.

Everything here is idempotent: a body that is loaded again replaces its own rows. A batch of bodies
is one transaction, so that a process killed in the middle leaves either all of its rows or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import polars as pl

from warehouse.batches import Batch, Reading, rejects_of_body
from warehouse.coverage import answered_until, cover
from warehouse.errors import LoadError
from warehouse.run import Run
from warehouse.spans import Span
from warehouse.tables import Table


@dataclass(frozen=True)
class Loaded:
    """What a load did, in rows: read from the bodies, stored because new, sent to quarantine."""

    read_count: int
    row_count: int
    quarantined_count: int


def not_loaded(
    connection: duckdb.DuckDBPyConnection,
    source_id: str,
    landing_ids: Iterable[str],
    *,
    parser_version: int,
) -> list[str]:
    """Which of these landings were never read by this version of their parser."""
    done = connection.execute(
        "select landing_id from raw.loads where source_id = ? and parser_version = ?",
        [source_id, parser_version],
    ).fetchall()
    return sorted(set(landing_ids) - {landing_id for (landing_id,) in done})


def newest_landing(
    connection: duckdb.DuckDBPyConnection, source_id: str, request: str, about_json: str
) -> tuple[str, str] | None:
    """Hash of the body that this request led to last, and why it could not be read, if so."""
    return connection.execute(
        """
        select landings.landed_sha256, coalesce(loads.error, '')
        from raw.landings left join raw.loads using (source_id, landing_id)
        where landings.source_id = ? and landings.request = ? and landings.about_json = ?
        order by landings.fetched_at desc
        limit 1
        """,
        [source_id, request, about_json],
    ).fetchone()


def load(
    connection: duckdb.DuckDBPyConnection,
    readings: Sequence[Reading],
    *,
    tables: Iterable[Table],
    parser_version: int,
    run: Run,
) -> Loaded:
    """Put parsed bodies of one source into the raw tables, their rejects into ``raw.quarantine``.

    All of it is one transaction. The series that the bodies cover are covered from then on.

    Raises:
        LoadError: the frames are not those that the tables declare, or DuckDB refuses them.
    """
    declared = {table.name: table for table in tables}
    for reading in readings:
        if unknown := set(reading.parsed.frames) - set(declared):
            raise LoadError(
                f"source {reading.landed.source_id} parsed rows for {sorted(unknown)}, "
                f"but declares only {sorted(declared)}.",
                remedy="Declare the table in the source's module.",
            )
    if not readings:
        return Loaded(0, 0, 0)
    source_id = readings[0].landed.source_id
    connection.execute("begin")
    try:
        recorded_at = _forget(connection, readings, declared)
        batch = Batch(connection, readings, recorded_at, run)
        rejects = [rejects_of_body(reading, number) for number, reading in enumerate(readings)]
        rejects += [batch.insert(table) for table in declared.values()]
        refused = pl.concat(rejects)
        batch.insert_rejects(refused)
        batch.record(refused, parser_version)
        cover(connection, source_id, _answered(readings, declared.values(), run), run)
        connection.execute("commit")
    except duckdb.Error as error:
        connection.execute("rollback")
        names = ", ".join(reading.landed.landing_id[:12] for reading in readings[:3])
        raise LoadError(
            f"rows of source {source_id}, landing {names}, could not be loaded: {error}.",
            remedy="Nothing of it was kept; it is read again at the next refresh.",
        ) from error
    return Loaded(
        read_count=sum(reading.parsed.row_count for reading in readings),
        row_count=batch.row_count,
        quarantined_count=refused.height,
    )


def _forget(
    connection: duckdb.DuckDBPyConnection,
    readings: Sequence[Reading],
    tables: Mapping[str, Table],
) -> dict[str, datetime]:
    """Remove what earlier loads left of these bodies; their ``recorded_at`` are returned."""
    source_id = readings[0].landed.source_id
    ids = [reading.landed.landing_id for reading in readings]
    rows = connection.execute(
        "select landing_id, recorded_at from raw.loads "
        "where source_id = $source_id and list_contains($ids, landing_id)",
        {"source_id": source_id, "ids": ids},
    ).fetchall()
    if not rows:
        return {}
    known = [landing_id for landing_id, _ in rows]
    for name in (*tables, "quarantine", "landings", "loads"):
        connection.execute(
            f"delete from raw.{name} "
            "where source_id = $source_id and list_contains($ids, landing_id)",
            {"source_id": source_id, "ids": known},
        )
    return {landing_id: recorded_at.replace(tzinfo=UTC) for landing_id, recorded_at in rows}


def _answered(
    readings: Iterable[Reading], tables: Iterable[Table], run: Run
) -> dict[str, list[Span]]:
    """The time of each series that these bodies answer for."""
    added: dict[str, list[Span]] = {}
    for reading in readings:
        covers = reading.landed.covers
        if covers is None or reading.failure is not None:
            continue
        begin = covers.span.start_at
        end = answered_until(reading.parsed, tables, covers.span, run)
        added.setdefault(covers.series_id, []).append(Span(begin, end))
    return added
