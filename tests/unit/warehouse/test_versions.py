"""A revised value is stored beside the earlier one; an unchanged one is not stored again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.batches import Reading
from warehouse.connections import build_connection
from warehouse.landing import Fetched, Landing
from warehouse.loading import load
from warehouse.run import Run
from warehouse.schemas import ensure_schemas
from warehouse.settings import Settings
from warehouse.tables import Column, Parsed, Table

INTENSITY = Table(
    "demo_intensity",
    "One row per version of an hour",
    (
        Column("zone", pl.String, "Zone", required=True),
        Column("hour", pl.Int64, "Hour", required=True),
        Column("model", pl.String, "Model, often null"),
        Column("gco2e_per_kwh", pl.Float64, "Intensity", unit="gCO2e/kWh"),
        Column("updated", pl.Int64, "Changes at every call"),
    ),
    key=("zone", "hour", "model"),
    is_versioned=True,
    not_compared=("updated",),
)
START = datetime(2026, 1, 1, tzinfo=UTC)
Values = list[tuple[int, float | None]]


@dataclass
class Store:
    """A warehouse with one versioned table, and bodies numbered by the day they came."""

    settings: Settings
    connection: duckdb.DuckDBPyConnection

    def reading(self, day: int, values: Values, zone: str = "DE") -> Reading:
        run = Run.start(START + timedelta(days=day))
        body = Fetched(f"{zone} {day} {values}".encode(), "b", "text/plain", "r", "l")
        rows = [
            {"zone": zone, "hour": h, "model": None, "gco2e_per_kwh": v, "updated": day}
            for h, v in values
        ]
        frame = pl.DataFrame(rows, schema=INTENSITY.schema)
        landed = Landing(self.settings).land("demo", body, run)
        return Reading(landed, Parsed({INTENSITY.name: frame}))

    def load(self, day: int, *readings: Reading) -> int:
        run = Run.start(START + timedelta(days=day))
        loaded = load(self.connection, readings, tables=[INTENSITY], parser_version=1, run=run)
        return loaded.quarantined_count

    def versions(self) -> list[tuple[int, int, float | None]]:
        return self.connection.execute(
            "select hour, date_diff('day', timestamp '2026-01-01', recorded_at), gco2e_per_kwh "
            "from raw.demo_intensity order by hour, recorded_at, fetched_at"
        ).fetchall()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    chosen = Settings(data_dir=tmp_path)
    with build_connection(chosen) as connection:
        ensure_schemas(connection, [INTENSITY])
        yield Store(chosen, connection)


def test_only_what_differs_is_stored(store: Store):
    store.load(0, store.reading(0, [(1, 100.0), (2, 200.0)]))
    store.load(1, store.reading(1, [(1, 100.0), (2, 210.0), (3, None)]))
    store.load(2, store.reading(2, [(1, 100.0), (2, 200.0), (3, None)]))

    assert store.versions() == [
        (1, 0, 100.0),
        (2, 0, 200.0),
        (2, 1, 210.0),
        (2, 2, 200.0),  # back to what it was: a version of its own
        (3, 1, None),
    ]


def test_a_column_that_is_not_compared_makes_no_version(store: Store):
    for day in range(3):  # `updated` is the day
        store.load(day, store.reading(day, [(1, 100.0)]))
    assert store.versions() == [(1, 0, 100.0)]


def test_bodies_of_one_batch_are_versions_of_each_other(store: Store):
    store.load(5, *(store.reading(day, [(1, 100.0 + day // 2)]) for day in range(4)))
    # recorded by one run; fetched on days 0 to 3 with 100, 100, 101, 101
    assert [value for *_, value in store.versions()] == [100.0, 101.0]


def test_another_sources_or_zones_equal_value_is_not_the_same(store: Store):
    store.load(0, store.reading(0, [(1, 100.0)], "DE"), store.reading(0, [(1, 100.0)], "FR"))
    assert len(store.versions()) == 2


def test_a_row_twice_in_a_body_counts_once_and_a_contradiction_is_kept_apart(store: Store):
    quarantined = store.load(0, store.reading(0, [(1, 100.0), (1, 100.0), (2, 5.0), (2, 6.0)]))

    assert store.versions() == [(1, 0, 100.0), (2, 0, 6.0)]
    assert quarantined == 1
    found = store.connection.execute(
        "select table_name, location, offending_value, reason from raw.quarantine"
    ).fetchall()
    assert found == [
        (
            "demo_intensity",
            "row 2",
            "DE 2",
            "the body says something else of the same key further on; that was kept",
        )
    ]


def test_reading_everything_again_in_any_order_gives_the_same_versions(store: Store):
    days: list[Values] = [[(1, 1.0), (2, 1.0)], [(1, 2.0), (2, 1.0)], [(1, 2.0)], [(1, 1.0)]]
    readings = [store.reading(day, values) for day, values in enumerate(days)]
    for day, reading in enumerate(readings):
        store.load(day, reading)
    before = store.versions()

    for order in itertools.permutations(range(4)):
        for day in order:
            store.load(9, readings[day])
        assert store.versions() == before
    store.load(9, *readings)
    assert store.versions() == before


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.sampled_from([1.0, 2.0, None])), max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_the_version_in_force_is_what_was_said_last(store: Store, bodies: list[Values]):
    store.connection.execute("delete from raw.demo_intensity")
    store.connection.execute("delete from raw.loads")
    said: dict[int, float | None] = {}
    changes = 0
    for day, values in enumerate(bodies):
        for hour, value in dict(values).items():
            changes += hour not in said or said[hour] != value
            said[hour] = value
        store.load(day, store.reading(day, values))

    versions = store.versions()
    assert len(versions) == changes
    assert {hour: value for hour, _, value in versions} == said
