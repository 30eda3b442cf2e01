"""What every flow that writes the warehouse has around it.

One writer at a time (an operating-system lock), a document in the journal from begin to end, and
the marks on runs that a dead process left behind, in our journal and in Prefect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import httpx
from prefect import runtime
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

from flows.overdue import cancel_overtaken_runs
from flows.progress import collected, warn
from flows.summary import markdown_summary
from warehouse.files import remove_leftovers
from warehouse.journal import Journal, RunRecord
from warehouse.lock import writer_lock
from warehouse.run import Run
from warehouse.settings import Settings, get_settings


@dataclass
class Writing:
    """A run that holds the writer's lock."""

    settings: Settings
    run: Run
    journal: Journal
    record: RunRecord

    def note(self, **changes: object) -> None:
        """Change the run's document in the journal."""
        self.record = self.journal.update(self.record, **changes)


def run_name(flow: str) -> Callable[[], str]:
    """A namer of flow runs: the flow and the minute that its clock starts at."""

    def name() -> str:
        as_of = runtime.flow_run.parameters.get("as_of") or runtime.flow_run.scheduled_start_time
        moment = datetime.fromisoformat(as_of) if isinstance(as_of, str) else as_of
        return f"{flow}-{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"

    return name


@contextmanager
def writing(flow: str, as_of: datetime | None, *, wait_s: float | None = None) -> Iterator[Writing]:
    """Hold the warehouse for one run of ``flow``.

    Args:
        flow: Name of the flow.
        as_of: The run's clock. None, as in a scheduled run, is this moment.
        wait_s: Seconds to wait for another writer; None is the setting.

    Raises:
        LockedError: another process is writing.
    """
    settings = get_settings()
    if wait_s is not None:
        settings = settings.model_copy(update={"lock_timeout_s": wait_s})
    with writer_lock(settings), collected() as steps:
        # The clock is read here because this is the edge: a scheduled run has no command line.
        run = Run.start(as_of or datetime.now(UTC))
        journal = Journal(settings)
        if _mark_dead_runs(journal, run):
            # Only the dead leave something behind, and looking for it takes long in a large folder.
            for folder in (settings.landing_dir, settings.published_dir, settings.models_dir):
                remove_leftovers(folder)
        cancel_overtaken_runs(runtime.deployment.id)
        record = journal.begin(run, flow, flow_run_id=str(runtime.flow_run.id or ""))
        current = Writing(settings, run, journal, record)
        try:
            yield current
            status = "finished" if current.record.status == "running" else current.record.status
            current.note(status=status, duration_s=round(run.elapsed_s(), 3))
        except BaseException as error:
            current.note(
                status="failed",
                published_at="",
                duration_s=round(run.elapsed_s(), 3),
                error=str(error) or type(error).__name__,
            )
            raise
        finally:
            if current.record.flow_run_id:
                summary = markdown_summary(current.record, steps)
                create_markdown_artifact(summary, key=f"{flow}-summary")


def _mark_dead_runs(journal: Journal, run: Run) -> bool:
    """Mark the runs whose process is gone as crashed: while we hold the lock nobody else lives.

    Returns:
        Whether there was one.
    """
    dead = journal.mark_crashed(except_run_id=run.run_id)
    for record in dead:
        warn(f"run {record.run_id} (pid {record.pid}) died without a word: marked as crashed")
        if record.flow_run_id:
            _crash_flow_run(UUID(record.flow_run_id), record.error)
    return bool(dead)


def _crash_flow_run(flow_run_id: UUID, message: str) -> None:
    with get_client(sync_client=True) as client:
        try:
            flow_run = client.read_flow_run(flow_run_id)
            if flow_run.state is not None and flow_run.state.is_final():
                return
            client.set_flow_run_state(flow_run_id, Crashed(message=message), force=True)
        except ObjectNotFound:
            return  # another Prefect database: nothing there says that it runs
        except httpx.HTTPStatusError as error:
            warn(f"Prefect refused to mark flow run {flow_run_id} as crashed: {error}")
