"""Runs that were due while nobody could begin them: one run brings everything up to date.

Without this, a machine that was off for days, or a schedule behind a long backfill, would run
each missed turn one after the other.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelled

# At the start of the schedules, what is later than this was missed, not delayed.
LATE_ENOUGH = timedelta(minutes=10)


def cancel_overdue_runs(before: datetime, *, deployment_id: UUID | None = None) -> int:
    """Cancel every run that was due before an instant and has not begun.

    Args:
        before: The instant.
        deployment_id: Only runs of this deployment; None is all of them.

    Returns:
        How many runs were cancelled.
    """
    overdue = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=FlowRunFilterExpectedStartTime(before_=before),
    )
    whose = (
        None
        if deployment_id is None
        else DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
    )
    count = 0
    with get_client(sync_client=True) as client:
        while runs := client.read_flow_runs(flow_run_filter=overdue, deployment_filter=whose):
            for run in runs:
                client.set_flow_run_state(
                    run.id,
                    Cancelled(message="It was overdue; another run brings everything up to date."),
                    force=True,
                )
            count += len(runs)
    return count


def cancel_overtaken_runs(deployment_id: str | UUID | None) -> int:
    """Cancel what is due of the deployment whose run begins now: this run does it all.

    Returns:
        How many runs were cancelled; none for a run without a deployment.
    """
    if deployment_id is None:
        return 0
    return cancel_overdue_runs(datetime.now(UTC), deployment_id=UUID(str(deployment_id)))
