"""What ``joulehouse backfill`` shows while it runs: how far, how many rows, how long still."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime, timedelta

import pytest

from flows.backfill import Piece
from flows.run_backfill import BackfillBar
from warehouse.journal import SourceOutcome
from warehouse.spans import Span

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WEEK = timedelta(days=7)


def moved(bar: BackfillBar, number: int, *, state: str = "loaded", rows: int = 0, error: str = ""):
    """One piece of four is done."""
    at = BEGIN.isoformat()
    outcome = SourceOutcome("eia", state, at, at, row_count=rows, error=error)
    span = Span(BEGIN + (number - 1) * WEEK, BEGIN + number * WEEK)
    record = logging.LogRecord("joulehouse", logging.INFO, "", 0, f"piece {error}", None, None)
    record.piece = Piece(number, 4, span, outcome)
    bar.handle(record)


@pytest.fixture
def shown() -> io.StringIO:
    return io.StringIO()


def test_each_piece_is_a_line_with_percent_rows_and_time_left(shown):
    bar = BackfillBar(shown, "eia")
    moved(bar, 1, rows=1000)
    moved(bar, 2, rows=500)
    lines = [line.strip() for line in shown.getvalue().splitlines()]
    assert lines[0].startswith("25%  2026-01-01 to 2026-01-08  1,000 rows, about 0:00:0")
    assert lines[1].startswith("50%  2026-01-08 to 2026-01-15  1,500 rows, about 0:00:0")
    assert lines[1].endswith(" left")


def test_when_nothing_was_missing_it_says_so(shown):
    bar = BackfillBar(shown, "eia")
    for number in (1, 2, 3, 4):
        moved(bar, number, state="unchanged")
    bar.conclude()
    assert "nothing left to do: eia has no rows to add in this time" in shown.getvalue()


def test_what_failed_is_shown_and_counted_at_the_end(shown):
    bar = BackfillBar(shown, "eia")
    moved(bar, 1, rows=10)
    moved(bar, 2, state="failed", error="no answer in time")
    bar.conclude()
    assert "no answer in time" in shown.getvalue()
    assert "eia: 10 rows, 0 quarantined" in shown.getvalue()
    assert "1 pieces not in full: run the same again" in shown.getvalue()


def test_warnings_of_the_run_are_shown_and_steps_are_not(shown):
    bar = BackfillBar(shown, "eia")
    warning = logging.LogRecord("joulehouse", logging.WARNING, "", 0, "beware", None, None)
    bar.handle(warning)
    step = logging.LogRecord("joulehouse", logging.WARNING, "", 0, "a step", None, None)
    step.step = object()
    bar.handle(step)
    assert shown.getvalue().strip() == "beware"
