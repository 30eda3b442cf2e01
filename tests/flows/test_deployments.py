"""The deployments as ``serve`` and as prefect.yaml say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import yaml
from prefect import __version__
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.states import Scheduled

from flows.serve import DEPLOYMENTS, cancel_missed_runs

ROOT = Path(__file__).parents[2]


def from_yaml() -> dict[tuple[str, str], dict]:
    document = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    assert document["prefect-version"] == __version__
    return {(one["entrypoint"], one["name"]): one for one in document["deployments"]}


def entrypoint(deployment) -> str:
    module = deployment.flow.fn.__module__
    return f"{module.replace('.', '/')}.py:{deployment.flow.fn.__name__}"


def test_prefect_yaml_and_serve_say_the_same():
    written = from_yaml()
    served = {(entrypoint(one), one.name): one for one in DEPLOYMENTS}
    assert set(written) == set(served)
    for key, deployment in served.items():
        one = written[key]
        assert one["description"] == deployment.description
        assert one["parameters"] == dict(deployment.parameters)
        schedules = one.get("schedules", [])
        assert [schedule["cron"] for schedule in schedules] == (
            [deployment.cron] if deployment.cron else []
        )
        assert {schedule["timezone"] for schedule in schedules} <= {"UTC"}
        assert one["work_pool"]["name"] == "joulehouse"


def test_every_entrypoint_is_a_flow_that_takes_its_parameters():
    for (place, _), one in from_yaml().items():
        path, name = place.split(":")
        flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
        flow.validate_parameters(one["parameters"])


def test_runs_that_were_missed_are_cancelled_and_those_to_come_are_not(prefect_server):
    now = datetime(2026, 11, 22, 6, tzinfo=UTC)
    deployment = DEPLOYMENTS[0].to_runner()
    deployment_id = deployment.apply(_sync=True)
    with get_client(sync_client=True) as client:

        def run_due_at(instant: datetime):
            return client.create_flow_run_from_deployment(
                deployment_id, state=Scheduled(scheduled_time=instant)
            ).id

        missed = run_due_at(now - timedelta(days=2))
        delayed = run_due_at(now - timedelta(minutes=1))
        to_come = run_due_at(now + timedelta(days=1))
        assert cancel_missed_runs(now) == 1
        assert client.read_flow_run(missed).state.type == StateType.CANCELLED
        for waiting in (delayed, to_come):
            assert client.read_flow_run(waiting).state.type == StateType.SCHEDULED
        client.delete_deployment(deployment_id)


def test_the_frequent_run_does_not_train():
    frequent = next(one for one in DEPLOYMENTS if one.name == "frequent")
    assert frequent.parameters["may_train"] is False
