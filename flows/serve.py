"""Every deployment with its schedule, served by one process.

``prefect.yaml`` says the same for a work pool; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import Flow, serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.states import Cancelled

from flows.ingest import ingest
from flows.refresh import refresh
from flows.retrain import retrain
from flows.transform import transform

# A scheduled run waits for another writer instead of failing at once.
_WAIT_S = 1800.0

# A run that is later than this was missed, not delayed.
_LATE_ENOUGH = timedelta(minutes=10)


@dataclass(frozen=True)
class Deployment:
    """A flow under a name. ``cron`` is in UTC; without it the flow runs when asked for."""

    flow: Flow[..., Any]
    name: str
    description: str
    cron: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def to_runner(self) -> RunnerDeployment:
        """The deployment as Prefect's runner takes it."""
        return RunnerDeployment.from_flow(
            self.flow,
            name=self.name,
            description=self.description,
            schedule=Cron(self.cron, timezone="UTC") if self.cron else None,
            parameters=dict(self.parameters),
        )


DEPLOYMENTS: tuple[Deployment, ...] = (
    Deployment(
        refresh,
        "daily",
        "Everything: fetch, transform, train if there is reason, publish.",
        cron="17 3 * * *",
        parameters={"wait_s": _WAIT_S},
    ),
    Deployment(
        refresh,
        "frequent",
        "Fetch, transform and publish, without training: for data that change within a day.",
        cron="47 1,7,13,19 * * *",
        parameters={"may_train": False, "wait_s": _WAIT_S},
    ),
    Deployment(
        retrain,
        "weekly",
        "Train every method anew, whether there is reason or not.",
        cron="37 4 * * 0",
        parameters={"wait_s": _WAIT_S},
    ),
    Deployment(
        ingest,
        "on-demand",
        "Fetch and load only.",
        parameters={"wait_s": _WAIT_S},
    ),
    Deployment(
        transform,
        "on-demand",
        "Build the marts from the raw tables as they are, and publish.",
        parameters={"wait_s": _WAIT_S},
    ),
)


def cancel_missed_runs(now: datetime) -> int:
    """Cancel what was due while nobody served: one run brings everything up to date.

    Without this, a machine that was off for days would run each missed run in turn.

    Returns:
        How many runs were cancelled.
    """
    missed = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=FlowRunFilterExpectedStartTime(before_=now - _LATE_ENOUGH),
    )
    ours = DeploymentFilter(
        name=DeploymentFilterName(any_=[deployment.name for deployment in DEPLOYMENTS])
    )
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=missed, deployment_filter=ours)
        for run in runs:
            client.set_flow_run_state(
                run.id,
                Cancelled(message="Nothing served the schedules when it was due."),
                force=True,
            )
    return len(runs)


def main() -> None:
    """Register the deployments and run what is due, one at a time, until a signal ends it."""
    cancel_missed_runs(datetime.now(UTC))
    serve(
        *(deployment.to_runner() for deployment in DEPLOYMENTS),
        limit=1,
        pause_on_shutdown=False,
        print_starting_message=False,
    )


if __name__ == "__main__":
    main()
