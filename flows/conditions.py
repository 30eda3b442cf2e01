"""What is amiss: failed flows, failing and late sources, a build that is too old."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psutil
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

from flows.circuit import Circuit
from flows.source_states import History, is_enabled
from flows.sources.registry import SOURCES
from warehouse.errors import NotPublishedError
from warehouse.freshness import latest_age
from warehouse.journal import RunRecord
from warehouse.problems import Problem
from warehouse.publishing import current_build
from warehouse.settings import Settings

# How far back a failed run is looked for: a weekly one must still be found.
_LOOK_BACK = timedelta(days=8)
_MOST_RUNS = 200
_MOST_WORDS = 400
_BY_HAND = ("backfill", "import")
_BAD = [StateType.FAILED, StateType.CRASHED]


def problems_now(settings: Settings, records: Sequence[RunRecord], now: datetime) -> list[Problem]:
    """Everything that is amiss now, each under a key of its own."""
    history = History.of(records)
    found = [
        *_failed_flows(records, history, now),
        *_open_circuits(settings),
        *_late_sources(settings, records, history, now),
        *_old_build(settings, now),
    ]
    return list({problem.key: problem for problem in found}.values())


def _failed_flows(
    records: Sequence[RunRecord], history: History, now: datetime
) -> Iterable[Problem]:
    """Flows whose newest run failed, crashed, or died without a word."""
    with get_client(sync_client=True) as client:
        names = _Names(client)
        failed = [*_dead(client, records), *_ended(client, _BAD, now)]
        good = {names.of(run): run for run in reversed(_ended(client, [StateType.COMPLETED], now))}
    newest = {names.of(run): run for run in reversed(failed) if names.is_watched(run)}
    for (flow, source_id), run in newest.items():
        ended_at = run.end_time or run.start_time or now
        later = good.get((flow, source_id))
        if later is not None and later.end_time is not None and later.end_time > ended_at:
            continue
        if source_id in SOURCES:
            succeeded_at = history.succeeded_at.get(source_id)
            if succeeded_at is None or succeeded_at < ended_at:
                yield _failing(source_id, _message(run))
            continue
        yield Problem(
            f"flow:{flow}",
            f"the flow {flow} failed",
            _message(run),
            f"See the run {run.name} in the Prefect UI and `joulehouse status`; when it is mended, "
            "run `joulehouse refresh`. The last published build stays current.",
        )


class _Names:
    """Names of flows and deployments by their ids."""

    def __init__(self, client: SyncPrefectClient) -> None:
        self._flows = {flow.id: flow.name for flow in client.read_flows()}
        self._deployments: dict[UUID, str] = {}
        while page := client.read_deployments(offset=len(self._deployments), limit=100):
            self._deployments |= {found.id: found.name for found in page}

    def of(self, run: FlowRun) -> tuple[str, str]:
        """The flow, and the source if it is one source's fetch: else any good run mends it."""
        flow = self._flows.get(run.flow_id, "")
        return flow, self._deployment(run) if flow == "ingest" else ""

    def is_watched(self, run: FlowRun) -> bool:
        """Whether to tell: not of a deployment that is no more, nor of what was run by hand."""
        by_hand = self._flows.get(run.flow_id, "") in _BY_HAND
        return not by_hand and (run.deployment_id is None or bool(self._deployment(run)))

    def _deployment(self, run: FlowRun) -> str:
        return self._deployments.get(run.deployment_id, "") if run.deployment_id else ""


def _ended(client: SyncPrefectClient, states: list[StateType], now: datetime) -> list[FlowRun]:
    """Runs that ended so lately, newest first."""
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=states)),
        end_time=FlowRunFilterEndTime(after_=now - _LOOK_BACK),
    )
    return client.read_flow_runs(
        flow_run_filter=wanted, sort=FlowRunSort.END_TIME_DESC, limit=_MOST_RUNS
    )


def _dead(client: SyncPrefectClient, records: Sequence[RunRecord]) -> Iterable[FlowRun]:
    """Runs that the journal says to run, in a process that is no more."""
    for record in reversed(records):
        is_dead = record.status == "running" and not psutil.pid_exists(record.pid)
        if not is_dead or not record.flow_run_id:
            continue
        try:
            run = client.read_flow_run(UUID(record.flow_run_id))
        except ObjectNotFound:
            continue  # another Prefect database
        if run.state is not None and not run.state.is_final():
            yield run


def _open_circuits(settings: Settings) -> Iterable[Problem]:
    """Sources that are left alone; while one run tries again that is not over yet."""
    for source_id, source in SOURCES.items():
        circuit = Circuit(settings, source_id)
        if circuit.opened_at is not None and is_enabled(settings, source):
            yield _failing(
                source_id,
                f"It failed {circuit.failures} times in a row and is left alone until "
                f"{circuit.retry_at:%Y-%m-%dT%H:%M}Z: {circuit.reason}",
            )


def _failing(source_id: str, detail: str) -> Problem:
    return Problem(
        f"failing:{source_id}",
        f"the source {source_id} fails",
        detail[:_MOST_WORDS],
        "It is asked again by itself and its earlier rows stay. To try now: "
        f"`joulehouse refresh --source {source_id}`; `joulehouse doctor` tests the network.",
    )


def _late_sources(
    settings: Settings, records: Sequence[RunRecord], history: History, now: datetime
) -> Iterable[Problem]:
    """Sources whose last whole success is too long ago, measured by their cadence."""
    if not records:
        return
    began_at = datetime.fromisoformat(records[0].started_at)
    for source_id, source in SOURCES.items():
        if not is_enabled(settings, source):
            continue
        last = history.whole_at.get(source_id)
        age = now - (last or began_at)
        if age <= latest_age(source.cadence):
            continue
        outcome = history.outcomes.get(source_id)
        why = f" The last run said: {outcome.error}" if outcome and outcome.error else ""
        since = f"was last read in full {_words(age)} ago" if last else "was never read in full"
        yield Problem(
            f"stale:{source_id}",
            f"the source {source_id} is stale",
            f"It {since}; it is to be read every {_words(source.cadence)}.{why}"[:_MOST_WORDS],
            f"Run `joulehouse refresh --source {source_id}` and see what it says; if `joulehouse "
            "up` does not run, nothing is read by itself.",
        )


def _old_build(settings: Settings, now: datetime) -> Iterable[Problem]:
    """The published build, if it is older than its limit."""
    try:
        build = current_build(settings)
        document: dict[str, Any] = json.loads(
            (settings.published_dir / "current.json").read_bytes()
        )
        published_at = datetime.fromisoformat(document["published_at"]).astimezone(UTC)
    except (NotPublishedError, FileNotFoundError, ValueError, KeyError):
        return
    age = now - published_at
    if age > timedelta(hours=settings.stale_after_h):
        yield Problem(
            "build",
            "the published build is old",
            f"Build {build.build_id} was published {_words(age)} ago; the limit is "
            f"{settings.stale_after_h:g} h (JOULEHOUSE_STALE_AFTER_H).",
            "Run `joulehouse refresh` and see what it says; `joulehouse up` does so by itself.",
        )


def _message(run: FlowRun) -> str:
    state = run.state
    if state is None or not state.is_final():
        return "Its process ended without a word."
    words = " ".join((state.message or state.name or "").split())
    return words[:_MOST_WORDS]


def _words(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    if hours < 2:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
