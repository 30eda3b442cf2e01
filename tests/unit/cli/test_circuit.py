"""A source that fails again and again is left alone, ever longer, and its first success ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.circuit import Circuit
from warehouse.settings import Settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, circuit_failures=3, circuit_pause_s=900)


def fail(settings: Settings, times: int, now: datetime = NOON) -> Circuit:
    for _ in range(times):
        Circuit(settings, "grid").fail(now, "502 Bad Gateway")
    return Circuit(settings, "grid")


def test_a_few_failures_open_nothing(settings: Settings):
    assert fail(settings, 2).state(NOON) == "closed"


def test_the_third_failure_in_a_row_opens_it_for_a_quarter_of_an_hour(settings: Settings):
    circuit = fail(settings, 3)

    assert circuit.state(NOON + 14 * MINUTE) == "open"
    assert circuit.state(NOON + 15 * MINUTE) == "half_open"
    assert (circuit.failures, circuit.reason) == (3, "502 Bad Gateway")
    assert (circuit.opened_at, circuit.retry_at) == (NOON, NOON + 15 * MINUTE)
    assert Circuit(settings, "other").state(NOON) == "closed"


@pytest.mark.parametrize(("failures", "minutes"), [(4, 30), (5, 60), (6, 60), (60, 60)])
def test_each_further_failure_doubles_the_pause_up_to_an_hour(
    settings: Settings, failures: int, minutes: int
):
    circuit = fail(settings, failures)
    assert circuit.retry_at == NOON + minutes * MINUTE
    assert circuit.opened_at == NOON


def test_a_success_forgets_everything(settings: Settings):
    fail(settings, 5).succeed()

    assert Circuit(settings, "grid").state(NOON) == "closed"
    assert Circuit(settings, "grid").failures == 0


def test_a_run_for_an_earlier_day_is_not_held_up(settings: Settings):
    assert fail(settings, 3).state(NOON - timedelta(days=3)) == "half_open"


def test_a_file_that_is_none_of_ours_counts_for_nothing(settings: Settings):
    path = settings.data_dir / "circuits" / "grid.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"failures": ')
    assert Circuit(settings, "grid").state(NOON) == "closed"
