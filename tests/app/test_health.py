"""The Health page beside what the runs did since the build, and what the watch found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from panel_app.data import Data
from panel_app.queries import health
from panel_app.views.health import problems_card, sources_table
from warehouse.journal import Journal, SourceOutcome
from warehouse.problems import Problem, read_problems, write_problems
from warehouse.publishing import publish
from warehouse.read import PublishedWarehouse
from warehouse.run import Run
from warehouse.settings import Settings

BUILT = datetime(2026, 11, 1, 6, tzinfo=UTC)
LATER = BUILT + timedelta(hours=5)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data", _env_file=None)


@pytest.fixture
def data(settings):
    """A build that knows of one source, read when the build was made."""
    import duckdb

    settings.build_path.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.build_path)) as connection:
        connection.execute(
            """
            create table meta_sources as select
                'live' as source_id, 'Live' as title, 'https://example.org' as homepage_url,
                'CC0' as licence, 1.0::double as cadence_h,
                timestamp '2026-11-01 05:00:00' as last_success_at, 'loaded' as last_state,
                null::varchar as last_error, 10::bigint as row_count, 1::bigint as quarantined_count
            """
        )
    publish(settings, "000001-20261101T060000Z", published_at=BUILT)
    return Data(PublishedWarehouse.open(settings))


def ran(settings, state: str, flow: str = "ingest", error: str = "") -> None:
    journal = Journal(settings)
    record = journal.begin(Run(f"run-{state}", LATER), flow)
    outcome = SourceOutcome("live", state, LATER.isoformat(), LATER.isoformat(), error=error)
    journal.update(record, status="finished", sources=(outcome,))


def texts(frame: pl.DataFrame, now: datetime) -> list[str]:
    return [cell["text"] for cell in sources_table(frame, now).rows[0]]


def test_a_run_that_gave_nothing_new_makes_a_source_fresh_without_a_new_build(settings, data):
    now = LATER + timedelta(minutes=10)
    assert texts(health.sources(data), now)[1:4] == ["late", "6 hours ago", "1 hour"]
    ran(settings, "unchanged")
    assert texts(health.sources(data), now)[1:4] == ["unchanged", "10 minutes ago", "1 hour"]


def test_a_source_that_is_left_alone_says_why(settings, data):
    ran(settings, "paused", error="the provider is down")
    found = texts(health.sources(data), LATER)
    assert found[1] == "left alone"
    assert found[-1] == "the provider is down"


def test_a_backfill_does_not_make_a_source_fresh(settings, data):
    ran(settings, "loaded", flow="backfill")
    assert health.sources(data)["last_success_at"].item() == BUILT - timedelta(hours=1)


def test_what_the_watch_found_is_shown_with_what_to_do(settings, data):
    assert health.problems(data) == []
    found = Problem("stale:live", "Live is stale", "5 hours old", "Refresh.", BUILT.isoformat())
    write_problems(settings, [found])
    assert health.problems(data) == [found]
    shown = problems_card([found]).select()
    cells = [cell["text"] for view in shown if hasattr(view, "rows") for cell in view.rows[0]]
    assert cells == ["Live is stale", "1 Nov 2026, 06:00 UTC", "5 hours old", "Refresh."]


def test_a_file_of_problems_that_cannot_be_read_is_none(settings):
    settings.data_dir.mkdir(parents=True)
    (settings.data_dir / "alerts.json").write_text("{]")
    assert read_problems(settings) == []
