"""Which time of which series was asked for and loaded: what incremental fetching stands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import duckdb
import polars as pl

from warehouse.instants import naive
from warehouse.run import Run
from warehouse.spans import Span, union
from warehouse.tables import Parsed, Table

# A span that ended this long ago is settled: what did not come by then is not expected any more.
_SETTLED_AFTER = timedelta(days=7)


def coverage_of(
    connection: duckdb.DuckDBPyConnection, source_id: str
) -> dict[str, tuple[Span, ...]]:
    """For each series of a source, the time that was asked for and loaded."""
    rows = connection.execute(
        "select series_id, start_at, end_at from raw.coverage where source_id = ? order by all",
        [source_id],
    ).fetchall()
    found: dict[str, tuple[Span, ...]] = {}
    for series_id, start_at, end_at in rows:
        span = Span(start_at.replace(tzinfo=UTC), end_at.replace(tzinfo=UTC))
        found[series_id] = (*found.get(series_id, ()), span)
    return found


def cover(
    connection: duckdb.DuckDBPyConnection,
    source_id: str,
    added: Mapping[str, Iterable[Span]],
    run: Run,
) -> None:
    """Add spans to what is covered of each series. Touching spans become one row."""
    if not added:
        return
    had = coverage_of(connection, source_id)
    for series_id, spans in added.items():
        connection.execute(
            "delete from raw.coverage where source_id = ? and series_id = ?",
            [source_id, series_id],
        )
        rows = [
            (source_id, series_id, naive(span.start_at), naive(span.end_at), run.run_id)
            for span in union([*had.get(series_id, ()), *spans])
        ]
        if rows:
            connection.executemany("insert into raw.coverage values (?, ?, ?, ?, ?)", rows)


def answered_until(parsed: Parsed, tables: Iterable[Table], span: Span, run: Run) -> datetime:
    """Until when a body answers for the span that was asked for.

    The newest intervals often come late: what was asked for and did not come is asked for again,
    until it is settled that it does not come.
    """
    names = [
        table.name
        for table in tables
        if {"interval_start_at", "interval_minutes"} <= set(table.schema)
    ]
    if not names or span.end_at <= run.as_of - _SETTLED_AFTER:
        return span.end_at
    end = pl.col("interval_start_at") + pl.duration(minutes="interval_minutes")
    ends: list[datetime | None] = [
        parsed.frames[name].select(end.max()).item() for name in names if name in parsed.frames
    ]
    last = max((instant for instant in ends if instant is not None), default=span.start_at)
    return max(span.start_at, min(span.end_at, last))
