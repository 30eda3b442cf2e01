"""Spans of time, and what counts as answered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.connections import build_connection
from warehouse.coverage import answered_until, cover, coverage_of
from warehouse.run import Run
from warehouse.schemas import ensure_schemas
from warehouse.settings import Settings
from warehouse.spans import Span, chunks, subtract, union
from warehouse.tables import Column, Parsed, Table

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
RUN = Run.start(datetime(2026, 1, 31, tzinfo=UTC))
HOURS = Table(
    "demo_hours",
    "One row per hour",
    (
        Column("interval_start_at", pl.Datetime("us", "UTC"), "Start"),
        Column("interval_minutes", pl.Int32, "Length", unit="min"),
    ),
    key=("interval_start_at",),
)
LISTING = Table(
    "demo_models", "One row per model", (Column("model", pl.String, "Key"),), ("model",)
)


def at(hour: float) -> datetime:
    return ZERO + timedelta(hours=hour)


def span(begin: float, end: float) -> Span:
    return Span(at(begin), at(end))


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda p: span(p[0], p[0] + p[1])),
    max_size=8,
)


def hours_in(spans: list[Span]) -> set[int]:
    return {hour for hour in range(100) for s in spans if s.start_at <= at(hour) < s.end_at}


def test_touching_spans_become_one_and_empty_ones_vanish():
    assert union([span(4, 6), span(1, 2), span(2, 3), span(5, 5)]) == [span(1, 3), span(4, 6)]


@given(SPANS)
def test_a_union_holds_the_same_hours_apart_from_each_other(spans: list[Span]):
    joined = union(spans)
    assert hours_in(joined) == hours_in(spans)
    assert all(a.end_at < b.start_at for a, b in itertools.pairwise(joined))


@given(SPANS, SPANS)
def test_what_is_subtracted_is_what_was_lacking(wanted: list[Span], had: list[Span]):
    for one in wanted:
        assert hours_in(subtract(one, had)) == hours_in([one]) - hours_in(had)


def test_chunks_are_cut_at_the_same_instants_wherever_a_span_begins():
    day = timedelta(days=1)
    whole = list(chunks(span(5, 77), day))  # 5 h to 24 h, two days, 72 h to 77 h
    assert [piece.length for piece in whole] == [timedelta(hours=h) for h in (19, 24, 24, 5)]
    assert list(chunks(span(30, 77), day))[1:] == whole[2:]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with build_connection(Settings(data_dir=tmp_path)) as opened:
        ensure_schemas(opened)
        yield opened


def test_coverage_grows_by_rows_only_where_there_are_gaps(connection: duckdb.DuckDBPyConnection):
    for begin in range(0, 240, 24):
        cover(connection, "grid", {"DE": [span(begin, begin + 24)]}, RUN)
    cover(connection, "grid", {"DE": [span(300, 310)], "FR": [span(0, 5)]}, RUN)
    cover(connection, "other", {"DE": [span(0, 1)]}, RUN)

    assert coverage_of(connection, "grid") == {
        "DE": (span(0, 240), span(300, 310)),
        "FR": (span(0, 5),),
    }


def _hours(count: int, first: float) -> Parsed:
    starts = [at(first + hour) for hour in range(count)]
    return Parsed(
        {
            "demo_hours": pl.DataFrame(
                {"interval_start_at": starts, "interval_minutes": [60] * count},
                schema=HOURS.schema,
            )
        }
    )


def test_a_late_newest_hour_is_not_covered_so_that_it_is_asked_for_again():
    newest_day = Span(RUN.as_of - timedelta(days=1), RUN.as_of)  # hours 696 to 720
    assert answered_until(_hours(20, 696), [HOURS], newest_day, RUN) == at(716)
    assert answered_until(Parsed(), [HOURS], newest_day, RUN) == newest_day.start_at


def test_a_gap_long_ago_is_settled():
    assert answered_until(_hours(2, 0), [HOURS], span(0, 24), RUN) == at(24)
    assert answered_until(Parsed(), [HOURS], span(0, 24), RUN) == at(24)


def test_a_listing_without_intervals_answers_for_all_it_was_asked():
    assert answered_until(Parsed(), [LISTING], span(700, 720), RUN) == at(720)
