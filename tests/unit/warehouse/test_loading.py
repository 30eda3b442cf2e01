"""Raw tables are written once, whole, and repair themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from warehouse.batches import Reading
from warehouse.connections import build_connection
from warehouse.errors import LoadError
from warehouse.journal import Journal, SourceOutcome
from warehouse.landing import Fetched, Landed, Landing
from warehouse.loading import load, not_loaded
from warehouse.recording import record_builds, record_sources, write_ml_output
from warehouse.run import Run
from warehouse.schemas import ensure_schemas
from warehouse.settings import Settings
from warehouse.tables import Column, Parsed, Table, conform

GRID = Table(
    "demo_grid",
    "One row per hour",
    (
        Column("interval_start_at", pl.Datetime("us", "UTC"), "Start", required=True),
        Column("generation_mw", pl.Float64, "Generation", unit="MW"),
        Column("fuels", pl.List(pl.String), "Fuels"),
    ),
    key=("interval_start_at",),
)
FIRST = Run.start(datetime(2026, 1, 1, tzinfo=UTC))
LATER = Run.start(datetime(2026, 2, 1, tzinfo=UTC))


def _stored(*parts: int) -> datetime:
    """An instant as the warehouse stores it: UTC, without a zone."""
    year, month, day, *hour = parts
    return datetime(year, month, day, *hour, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with build_connection(settings) as opened:
        ensure_schemas(opened, [GRID])
        yield opened


def _landed(settings: Settings, body: bytes = b"x") -> Landed:
    fetched = Fetched(body, "demo.csv", "text/csv", "GET /demo.csv", "CC0")
    return Landing(settings).land("demo", fetched, FIRST)


def _parsed(*generation_mw: str) -> Parsed:
    frame = pl.DataFrame(
        {
            "interval_start_at": [
                f"2026-01-01T{h:02d}:00:00+02:00" for h in range(len(generation_mw))
            ],
            "generation_mw": list(generation_mw),
        }
    )
    return Parsed.collect([("demo_grid", conform(frame, GRID, pl.lit("demo.csv")))])


def _load(
    connection: duckdb.DuckDBPyConnection,
    landed: Landed,
    parsed: Parsed,
    run: Run = FIRST,
    version: int = 1,
) -> None:
    load(connection, [Reading(landed, parsed)], tables=[GRID], parser_version=version, run=run)


def _snapshot(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return [
        row
        for table in ("demo_grid", "quarantine", "landings", "loads")
        for row in connection.execute(f"from raw.{table} order by all").fetchall()
    ]


def test_rows_carry_their_provenance_in_utc(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    landed = _landed(settings)

    _load(connection, landed, _parsed("5"))

    row = connection.sql("from raw.demo_grid").pl().row(0, named=True)
    assert row["interval_start_at"] == _stored(2025, 12, 31, 22)  # midnight at UTC+2
    assert row["landed_sha256"] == landed.landed_sha256
    assert row["recorded_at"] == _stored(2026, 1, 1)
    assert row["run_id"] == FIRST.run_id


def test_the_same_body_twice_changes_no_row(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    landed = _landed(settings)
    _load(connection, landed, _parsed("5", "six"))
    before = connection.sql("select * exclude (run_id) from raw.demo_grid").fetchall()

    assert not not_loaded(connection, "demo", [landed.landing_id], parser_version=1)
    _load(connection, landed, _parsed("5", "six"), run=LATER)

    assert connection.sql("select * exclude (run_id) from raw.demo_grid").fetchall() == before
    assert connection.sql("select count(*) from raw.quarantine").fetchall() == [(1,)]
    assert connection.sql("select count(*) from raw.loads").fetchall() == [(1,)]


def test_a_mended_parser_replaces_rows_and_keeps_when_they_were_first_recorded(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    landed = _landed(settings)
    _load(connection, landed, _parsed("five"))

    assert not_loaded(connection, "demo", [landed.landing_id], parser_version=2)
    _load(connection, landed, _parsed("5"), run=LATER, version=2)

    rows = connection.sql("select generation_mw, recorded_at, run_id from raw.demo_grid").fetchall()
    assert rows == [(5.0, _stored(2026, 1, 1), LATER.run_id)]
    assert connection.sql("select count(*) from raw.quarantine").fetchall() == [(0,)]


def test_rejects_land_in_quarantine_with_value_and_reason(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    _load(connection, _landed(settings), _parsed("5", "n/a"))

    row = connection.sql("from raw.quarantine").pl().row(0, named=True)
    assert (row["column_name"], row["offending_value"]) == ("generation_mw", "n/a")
    assert row["reason"] == "cannot be read as a number"
    counts = connection.sql("select row_count, quarantined_count from raw.loads").fetchall()
    assert counts == [(1, 1)]


def test_a_load_that_fails_leaves_nothing(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    before = _snapshot(connection)
    broken = Parsed(frames={"demo_grid": pl.DataFrame({"generation_mw": [1.0]})})

    with pytest.raises(LoadError, match="could not be loaded"):
        _load(connection, _landed(settings), broken)

    assert _snapshot(connection) == before


def test_rows_for_an_undeclared_table_are_refused(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(LoadError, match="declares only"):
        _load(connection, _landed(settings), Parsed(frames={"other": pl.DataFrame()}))


def test_a_column_added_to_a_declaration_appears_in_the_table(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    wider = Table(
        GRID.name, "d", (*GRID.columns, Column("load_mw", pl.Float64, "Load")), key=GRID.key
    )

    ensure_schemas(connection, [wider])

    assert "load_mw" in connection.sql("from raw.demo_grid").columns


def test_a_changed_type_makes_the_table_anew_and_its_bodies_are_read_again(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    landed = _landed(settings)
    _load(connection, landed, _parsed("5"))
    changed = Table(GRID.name, "d", (Column("generation_mw", pl.String, "Text"),), key=())

    ensure_schemas(connection, [changed])

    assert not_loaded(connection, "demo", [landed.landing_id], parser_version=1)
    assert connection.sql("select count(*) from raw.demo_grid").fetchall() == [(0,)]


def test_raw_tables_carry_comments_with_units(connection: duckdb.DuckDBPyConnection) -> None:
    comment = connection.execute(
        "select comment from duckdb_columns() where table_name = 'demo_grid' "
        "and column_name = 'generation_mw'"
    ).fetchone()

    assert comment == ("Generation [MW]",)


def test_ml_output_rows_with_the_same_key_are_replaced(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    both = pl.DataFrame({"model_version": ["a", "b"], "is_champion": [True, False]})
    write_ml_output(connection, "model_versions", both)

    write_ml_output(
        connection,
        "model_versions",
        pl.DataFrame({"model_version": ["a"], "is_champion": [False]}),
    )

    rows = connection.sql(
        "select model_version, is_champion from ml_output.model_versions order by 1"
    ).fetchall()
    assert rows == [("a", False), ("b", False)]


def test_ml_output_without_its_key_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(LoadError, match="model_version"):
        write_ml_output(connection, "model_versions", pl.DataFrame({"task": ["training"]}))


def test_the_journal_is_copied_into_the_warehouse(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    journal = Journal(settings)
    record = journal.begin(FIRST, "refresh")
    now = FIRST.as_of.isoformat()
    outcome = SourceOutcome("demo", "failed", now, now, error="no network")
    journal.update(record, status="published", build_id="000001-x", sources=(outcome,))

    for _ in range(2):
        record_builds(connection, journal.records())

    builds = connection.sql("select build_id, status, as_of from raw.builds").fetchall()
    assert builds == [("000001-x", "published", _stored(2026, 1, 1))]
    runs = connection.sql("select source_id, state, error from raw.source_runs").fetchall()
    assert runs == [("demo", "failed", "no network")]


def test_sources_are_replaced_by_what_the_registry_says(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    record_sources(connection, [{"source_id": "old"}, {"source_id": "demo", "title": "A"}])
    record_sources(connection, [{"source_id": "demo", "title": "B"}])

    assert connection.sql("select source_id, title from raw.sources").fetchall() == [("demo", "B")]
