"""The deployments as ``serve`` and as prefect.yaml say them, and what keeps runs from piling up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.states import Scheduled

from flows.deployments_yaml import yaml_text
from flows.ingest import ingest
from flows.overdue import LATE_ENOUGH, cancel_overdue_runs, cancel_overtaken_runs
from flows.schedules import next_run_at
from flows.serve import (
    CATCH_UP,
    Deployment,
    catch_up_if_due,
    deployments,
    forget_former_deployments,
)
from flows.sources.registry import SOURCES
from warehouse.settings import Settings

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def from_yaml() -> list[dict]:
    return yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]


def named(name: str, flow: str = "ingest", settings: Settings | None = None) -> Deployment:
    found = deployments(settings)
    return next(one for one in found if (one.flow.name, one.name) == (flow, name))


def test_prefect_yaml_is_what_the_deployments_write():
    written = (ROOT / "prefect.yaml").read_text()
    assert written == yaml_text(deployments()), "run `python -m flows.serve --write-yaml`"


def test_every_entrypoint_is_a_flow_that_takes_its_parameters():
    for one in from_yaml():
        path, name = one["entrypoint"].split(":")
        flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
        flow.validate_parameters(one["parameters"])


def test_every_source_has_a_schedule_of_its_own_cadence():
    served = {one.name: one for one in deployments() if one.flow is ingest}
    asked = {name: source for name, source in SOURCES.items() if not source.is_import_only}
    assert set(served) == set(asked)
    for source_id, source in asked.items():
        assert served[source_id].rhythm.every == source.cadence
        assert served[source_id].parameters["source_ids"] == [source_id]


def test_a_source_that_is_left_out_or_lacks_its_key_has_a_schedule_that_stands_still(tmp_path):
    first, *others = SOURCES
    settings = Settings(data_dir=tmp_path, without_sources=(first,), _env_file=None)
    assert not named(first, settings=settings).is_active
    assert next_run_at(settings, SOURCES[first], None, NOW) is None
    assert named(others[0], settings=settings).is_active
    schedule = named(first, settings=settings).to_runner().schedules[0]
    assert schedule.active is False


def test_only_the_daily_and_the_weekly_run_train():
    catch_up = named(CATCH_UP, "refresh")
    assert (catch_up.rhythm, catch_up.parameters["may_train"]) == (None, False)
    assert "may_train" not in named("daily", "refresh").parameters
    assert named("hourly", "transform").parameters["only_if_new"] is True


@pytest.fixture
def client(prefect_server):
    with get_client(sync_client=True) as made:
        yield made


@pytest.fixture
def registered(client):
    """A deployment that Prefect knows; its id."""
    deployment_id = named("daily", "refresh").to_runner().apply(_sync=True)
    yield deployment_id
    client.delete_deployment(deployment_id)


def run_due_at(client, deployment_id, instant: datetime):
    state = Scheduled(scheduled_time=instant)
    return client.create_flow_run_from_deployment(deployment_id, state=state).id


def state_of(client, run_id) -> StateType:
    return client.read_flow_run(run_id).state.type


def test_runs_that_were_missed_are_cancelled_and_those_to_come_are_not(client, registered):
    missed = run_due_at(client, registered, NOW - timedelta(days=2))
    delayed = run_due_at(client, registered, NOW - timedelta(minutes=1))
    to_come = run_due_at(client, registered, NOW + timedelta(days=1))
    assert cancel_overdue_runs(NOW - LATE_ENOUGH) == 1
    assert state_of(client, missed) == StateType.CANCELLED
    for waiting in (delayed, to_come):
        assert state_of(client, waiting) == StateType.SCHEDULED


def test_a_run_that_begins_does_the_work_of_all_that_wait_behind_it(client, registered):
    """Four turns passed behind a long run: one run is enough, of this deployment only."""
    other = named("hourly", "transform").to_runner().apply(_sync=True)
    past = datetime.now(UTC) - timedelta(hours=1)
    waiting = [run_due_at(client, registered, past + timedelta(minutes=15 * n)) for n in range(4)]
    of_another = run_due_at(client, other, past)
    assert cancel_overtaken_runs(str(registered)) == 4
    assert {state_of(client, run_id) for run_id in waiting} == {StateType.CANCELLED}
    assert state_of(client, of_another) == StateType.SCHEDULED
    assert cancel_overtaken_runs(None) == 0
    client.delete_deployment(other)


def test_a_deployment_that_is_no_more_is_deleted_with_what_it_scheduled(client, registered):
    former = Deployment(named("daily", "refresh").flow, "frequent", "Of an earlier version.")
    former_id = former.to_runner().apply(_sync=True)
    assert forget_former_deployments(deployments()) == 1
    left = {found.id for found in client.read_deployments()}
    assert registered in left
    assert former_id not in left


def test_what_was_due_while_nobody_served_is_run_at_once(here, client):
    long_after = datetime(2026, 12, 1, tzinfo=UTC)
    soon_after = datetime(2026, 11, 22, 13, tzinfo=UTC)  # read at 12 o'clock, cadence a day
    assert catch_up_if_due(here.settings, soon_after) is False
    assert catch_up_if_due(here.settings, long_after) is True
    deployment = client.read_deployment_by_name(f"refresh/{CATCH_UP}")
    runs = [run for run in client.read_flow_runs() if run.deployment_id == deployment.id]
    assert [run.state.type for run in runs] == [StateType.SCHEDULED]
    assert runs[0].parameters["only_due"] is True
    client.delete_deployment(deployment.id)
