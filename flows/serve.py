"""Every deployment with its schedule, served by one process.

Each source is asked on its own rhythm (``flows/schedules.py``); what it gave is built and published
every hour; every day what is overdue is asked again and the models are trained if there is reason.
``prefect.yaml`` says the same for a work pool: ``python -m flows.serve --write-yaml`` writes it,
and a test holds the two together.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect import Flow, serve
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.responses import DeploymentResponse
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.schedules import Interval

from flows.awaiting import in_own_loop
from flows.deployments_yaml import write_yaml
from flows.housekeeping import prune
from flows.ingest import ingest
from flows.overdue import LATE_ENOUGH, cancel_overdue_runs
from flows.refresh import refresh
from flows.retrain import retrain
from flows.schedules import (
    DAILY,
    HOURLY,
    PRUNE,
    WATCH,
    WEEKLY,
    Rhythm,
    installation_of,
    rhythm_of,
)
from flows.source_states import History, is_due, is_enabled
from flows.sources.registry import SOURCES
from flows.transform import transform
from flows.watch import watch
from warehouse.journal import Journal
from warehouse.settings import Settings, get_settings

# A scheduled run waits for another writer instead of failing at once.
_WAIT_S = 1800.0

CATCH_UP = "catch-up"
_TAG = "joulehouse"


@dataclass(frozen=True)
class Deployment:
    """A flow under a name. Without a rhythm it runs when asked for.

    ``is_active`` False keeps the schedule still: a source that is left out, or lacks its key.
    """

    flow: Flow[..., Any]
    name: str
    description: str
    rhythm: Rhythm | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_active: bool = True

    @property
    def entrypoint(self) -> str:
        """Where the flow is, from the project folder."""
        return f"{self.flow.fn.__module__.replace('.', '/')}.py:{self.flow.fn.__name__}"

    def to_runner(self) -> RunnerDeployment:
        """The deployment as Prefect's runner takes it."""
        return RunnerDeployment.from_flow(
            self.flow,
            name=self.name,
            description=self.description,
            schedule=None
            if self.rhythm is None
            else Interval(
                self.rhythm.every,
                anchor_date=self.rhythm.anchor,
                timezone="UTC",
                active=self.is_active,
            ),
            parameters=dict(self.parameters),
            tags=[_TAG],
        )


def deployments(settings: Settings | None = None) -> tuple[Deployment, ...]:
    """Every deployment.

    Args:
        settings: Of the installation, for its own offsets and what it leaves out; None for what
            is the same everywhere, which is what prefect.yaml holds.
    """
    installation = "" if settings is None else installation_of(settings)
    of_sources = (
        Deployment(
            ingest,
            source.source_id,
            f"Fetch and load {source.title}.",
            rhythm=rhythm_of(source, installation),
            parameters={"source_ids": [source.source_id], "wait_s": _WAIT_S},
            is_active=settings is None or is_enabled(settings, source),
        )
        for source in SOURCES.values()
        if not source.is_import_only
    )
    return (*of_sources, *_OF_ALL)


_OF_ALL: tuple[Deployment, ...] = (
    Deployment(
        transform,
        "hourly",
        "Build and publish what came since the last build, if anything did.",
        rhythm=HOURLY,
        parameters={"only_if_new": True, "wait_s": _WAIT_S},
    ),
    Deployment(
        refresh,
        "daily",
        "Ask again whoever is overdue, transform, train if there is reason, publish.",
        rhythm=DAILY,
        parameters={"only_due": True, "wait_s": _WAIT_S},
    ),
    Deployment(
        refresh,
        CATCH_UP,
        "What is due after nobody served: fetch, transform and publish, without training.",
        parameters={"only_due": True, "may_train": False, "wait_s": _WAIT_S},
    ),
    Deployment(
        retrain,
        "weekly",
        "Train every method anew, whether there is reason or not.",
        rhythm=WEEKLY,
        parameters={"wait_s": _WAIT_S},
    ),
    Deployment(
        prune,
        "daily",
        "Remove what neither a reader nor a rebuild needs any more.",
        rhythm=PRUNE,
        parameters={"wait_s": _WAIT_S},
    ),
    Deployment(
        watch,
        "frequent",
        "Tell of what is amiss, once, and when it is over.",
        rhythm=WATCH,
    ),
)


def forget_former_deployments(current: tuple[Deployment, ...]) -> int:
    """Delete the deployments of ours that are no more, with the runs that they scheduled.

    Returns:
        How many were deleted.
    """
    ours = {one.flow.name for one in current}
    wanted = {(one.flow.name, one.name) for one in current}
    with get_client(sync_client=True) as client:
        flows = {flow.id: flow.name for flow in client.read_flows()}
        former = [
            found.id
            for found in _all_deployments(client)
            if flows.get(found.flow_id) in ours and (flows[found.flow_id], found.name) not in wanted
        ]
        for deployment_id in former:
            client.delete_deployment(deployment_id)
    return len(former)


def catch_up_if_due(settings: Settings, now: datetime) -> bool:
    """Ask for a run at once if a source was not turned to for longer than its cadence.

    Returns:
        Whether a run was asked for.
    """
    history = History.of(Journal(settings).records())
    due = [
        source
        for source in SOURCES.values()
        if is_enabled(settings, source)
        and is_due(source, history.attempted_at(source.source_id), now)
    ]
    if not due:
        return False
    catch_up = next(one for one in _OF_ALL if one.name == CATCH_UP)
    deployment_id: UUID = in_own_loop(catch_up.to_runner().aapply)
    with get_client(sync_client=True) as client:
        client.create_flow_run_from_deployment(deployment_id)
    return True


def main() -> None:
    """Register the deployments and run what is due, one at a time, until a signal ends it.

    The watch runs beside the others, in a place of its own: it must not wait for what it watches.
    """
    options = _options()
    if options.write_yaml:
        write_yaml(deployments(), get_settings().project_dir / "prefect.yaml")
        return
    settings, now = get_settings(), datetime.now(UTC)
    served = deployments(settings)
    forget_former_deployments(served)
    cancel_overdue_runs(now - LATE_ENOUGH)
    if options.catch_up:
        catch_up_if_due(settings, now)
    beside = [one for one in served if one.flow is watch]
    threading.Thread(target=_serve_beside, args=(beside,), name="watch", daemon=True).start()
    serve(
        *(one.to_runner() for one in served if one not in beside),
        limit=1,
        pause_on_shutdown=False,
        print_starting_message=False,
    )


def _serve_beside(served: list[Deployment]) -> None:
    """Serve in this thread; it ends with the process."""
    runner = Runner(name="watch", limit=1, pause_on_shutdown=False)
    for one in served:
        runner.add_deployment(one.to_runner())
    asyncio.run(runner.start())


def _all_deployments(client: SyncPrefectClient) -> list[DeploymentResponse]:
    found: list[DeploymentResponse] = []
    while page := client.read_deployments(offset=len(found), limit=100):
        found += page
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m flows.serve", description=__doc__)
    parser.add_argument("--write-yaml", action="store_true", help="Write prefect.yaml and end.")
    parser.add_argument("--catch-up", action="store_true", help="First run what is due.")
    return parser.parse_args(sys.argv[1:])


if __name__ == "__main__":
    main()
