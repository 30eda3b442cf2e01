"""Filling a source's history: in pieces, over interruptions, without asking twice."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from flows.backfill import backfill, steps_of
from flows.source_states import History
from flows.sources.registry import SOURCES
from warehouse.errors import SourceError
from warehouse.journal import Journal
from warehouse.read import BuildWarehouse
from warehouse.spans import Span

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 3, 12, tzinfo=UTC)  # 70 days: 1680 hours in each of two zones
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def history(here, tiny, monkeypatch):
    """The workspace with the source that has a history; the file of its requests."""
    asked = here.folder / "asked"
    asked.touch()
    monkeypatch.setenv("TINY_HISTORY", str(asked))
    SOURCES["history"] = tiny.HISTORY
    return asked


def requests(asked) -> list[str]:
    return asked.read_text().split("\n")[:-1]


def hours(workspace) -> int:
    return BuildWarehouse(workspace.settings).query("select count(*) from raw.tiny_hours").item()


def test_a_range_is_cut_into_at_most_a_hundred_pieces_of_whole_chunks():
    week = timedelta(days=7)
    short = steps_of(Span(BEGIN, END), week)
    assert (short[0].start_at, short[-1].end_at) == (BEGIN, END)
    assert max(piece.length for piece in short) == week
    # 10 years of 1 day: 3652 pieces, so 37 days each.
    long = steps_of(Span(datetime(2016, 1, 1, tzinfo=UTC), BEGIN), timedelta(days=1))
    assert len(long) <= 101
    assert max(piece.length for piece in long) == timedelta(days=37)


def test_history_is_filled_once_and_nothing_is_asked_for_twice(here, history):
    assert backfill("history", BEGIN, END, as_of=NOON) == 2 * 70 * 24
    assert hours(here) == 2 * 70 * 24
    before = requests(history)
    assert len(before) == len(set(before))
    assert backfill("history", BEGIN, END, as_of=NOON) == 0
    assert requests(history) == before
    # Of a longer range only what is new is asked for: seven days more.
    assert backfill("history", BEGIN, END + timedelta(days=7), as_of=NOON) == 2 * 7 * 24


def test_only_the_zones_that_are_named_are_filled(here, history):
    backfill("history", BEGIN, END, zones=["bb"], as_of=NOON)
    assert {line.split()[0] for line in requests(history)} == {"bb"}


def test_a_provider_that_stays_down_ends_it_and_the_next_goes_on(here, history):
    history.with_suffix(".down").write_text("2026-02-01")
    with pytest.raises(SourceError, match=r"3 pieces in a row failed.*cannot be reached"):
        backfill("history", BEGIN, END, as_of=NOON)
    loaded = hours(here)
    assert 0 < loaded < 2 * 70 * 24
    before = requests(history)
    history.with_suffix(".down").unlink()
    assert backfill("history", BEGIN, END, as_of=NOON) == 2 * 70 * 24 - loaded
    assert not set(before).intersection(requests(history)[len(before) :])


def test_a_backfill_says_nothing_of_how_fresh_a_source_is(here, history):
    backfill("history", BEGIN, END, as_of=NOON)
    assert "history" not in History.of(Journal(here.settings).records()).succeeded_at


@pytest.mark.slow
@pytest.mark.e2e
def test_a_killed_backfill_goes_on_where_it_stopped(copied, until):
    asked = copied.folder / "asked"
    asked.with_suffix(".stuck").write_text("2026-02-15")
    span = ("--from", "2026-01-01", "--to", "2026-03-12")
    command = ("backfill", "history", *span, "--no-publish")
    variables = {"TINY_HISTORY": str(asked)}
    process = copied.start(*command, **variables)
    for line in process.stdout:
        if "2026-02-14 to 2026-02-21" in line:  # weeks are cut on Saturdays
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    before = requests(asked)
    asked.with_suffix(".stuck").unlink()

    done = copied.run(*command, "--as-of", "2026-11-22T12:30Z", **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    found = BuildWarehouse(copied.settings).query(
        "select count(*), count(distinct (zone, interval_start_at)) from raw.tiny_hours"
    )
    assert found.row(0) == (2 * 70 * 24, 2 * 70 * 24)  # all there, nothing doubled
    assert "run `joulehouse refresh`" in done.stdout
    again = [line for line in requests(asked)[len(before) :] if line in before]
    assert len(again) <= 2  # of each zone at most the piece that was under way


def test_what_cannot_be_filled_is_refused_before_anything_starts(workspace):
    variables = {"TINY_HISTORY": str(workspace.folder / "asked")}
    for arguments, words in (
        (("tiny", "--from", "2026-01-01"), "source 'tiny' has no history"),
        (("nobody", "--from", "2026-01-01"), "there is no source 'nobody'"),
        (("history", "--from", "2026-01-02", "--to", "2026-01-01"), "there is no past time"),
        (("history", "--from", "2026-01-01", "--zones", "aa,cc"), "has no zone 'cc'"),
    ):
        done = workspace.run("backfill", *arguments, **variables)
        assert done.returncode == 2, done.stderr
        assert words in done.stderr
        assert done.stdout == ""
