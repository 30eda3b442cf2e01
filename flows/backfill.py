"""A source's history, piece by piece: the flow.

What is loaded is remembered piece by piece, too, in ``raw.coverage``: started again after an
interruption, it asks only for what is missing. Each piece holds the warehouse for itself alone, so
that the schedules go on between them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from prefect import flow

from flows.ingest import TASK_RUNNER, ingest_sources
from flows.progress import LOGGER_NAME
from flows.sources.registry import SOURCES
from flows.writing import run_name, writing
from warehouse.errors import SourceError
from warehouse.journal import SourceOutcome
from warehouse.spans import Span, chunks

_MOST_STEPS = 100
_MOST_FAILURES = 3

_logger = logging.getLogger(LOGGER_NAME)


@dataclass(frozen=True)
class Piece:
    """One step that is done: the ``number``-th of ``count``."""

    number: int
    count: int
    span: Span
    outcome: SourceOutcome


def steps_of(span: Span, chunk: timedelta) -> list[Span]:
    """At most a hundred pieces, oldest first, each of whole chunks as the source asks for them."""
    each = chunk * max(1, -(-(span.length // chunk) // _MOST_STEPS))
    return list(chunks(span, each))


@flow(name="backfill", flow_run_name=run_name("backfill"), task_runner=TASK_RUNNER)
def backfill(
    source_id: str,
    start_at: datetime,
    end_at: datetime,
    zones: list[str] | None = None,
    full: bool = False,
    as_of: datetime | None = None,
    wait_s: float | None = None,
) -> int:
    """Fill a source's history from ``start_at`` to ``end_at``; nothing is published.

    A piece that fails does not stop the others; several in a row do.

    Returns:
        How many rows were loaded.

    Raises:
        SourceError: several pieces in a row failed; what came before stays loaded.
    """
    source = SOURCES[source_id]
    pieces = steps_of(Span(start_at, end_at), source.chunk or source.first)
    row_count = failures = 0
    for number, span in enumerate(pieces, start=1):
        outcome = _fill(source_id, span, tuple(zones or ()), as_of, wait_s=wait_s, full=full)
        row_count += outcome.row_count
        failures = failures + 1 if outcome.state == "failed" else 0
        _report(Piece(number, len(pieces), span, outcome))
        if failures >= _MOST_FAILURES:
            raise SourceError(
                f"{source_id}: {failures} pieces in a row failed, the last "
                f"({span.start_at:%Y-%m-%d} to {span.end_at:%Y-%m-%d}) because: {outcome.error}",
                remedy="What came before is loaded. The same command goes on where this stopped.",
            )
    return row_count


def _fill(
    source_id: str,
    span: Span,
    zones: tuple[str, ...],
    as_of: datetime | None,
    *,
    wait_s: float | None,
    full: bool,
) -> SourceOutcome:
    outcome: SourceOutcome | None = None
    try:
        with writing("backfill", as_of, wait_s=wait_s) as current:
            try:
                (outcome,) = ingest_sources(
                    current,
                    [SOURCES[source_id]],
                    full=full,
                    backfill=span,
                    zones=zones,
                    is_insistent=True,
                )
            finally:
                if current.record.sources:
                    outcome = current.record.sources[-1]
    except SourceError:
        if outcome is None:
            raise
    assert outcome is not None
    return outcome


def _report(piece: Piece) -> None:
    """Log a piece; the command line's progress bar moves with it."""
    outcome = piece.outcome
    text = (
        f"{piece.number} of {piece.count}: {piece.span.start_at:%Y-%m-%d} to "
        f"{piece.span.end_at:%Y-%m-%d}: {outcome.state}, {outcome.row_count:,} rows"
    )
    level = logging.WARNING if outcome.error else logging.INFO
    words = f"{text}: {outcome.error}" if outcome.error else text
    _logger.log(level, words, extra={"piece": piece})
