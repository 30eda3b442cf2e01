"""The main job: ingest ▶ transform ▶ train if there is reason ▶ predict ▶ publish."""

from __future__ import annotations

from datetime import datetime

from prefect import flow

from flows.ingest import TASK_RUNNER, ingest_sources
from flows.progress import step
from flows.publish import publish_build
from flows.retrain import reason_to_train, train
from flows.selection import select_sources
from flows.source_states import History, due_sources
from flows.transform import begin_build, build_marts, build_what_every_run_changes
from flows.writing import Writing, run_name, writing


@flow(name="refresh", flow_run_name=run_name("refresh"), task_runner=TASK_RUNNER)
def refresh(
    as_of: datetime | None = None,
    source_ids: list[str] | None = None,
    full: bool = False,
    may_train: bool = True,
    only_due: bool = False,
    wait_s: float | None = None,
) -> str:
    """Bring the warehouse up to date and publish it.

    Args:
        as_of: The run's clock: windows, ``recorded_at`` and lags follow it. None is now.
        source_ids: Only these sources; None is all of them.
        full: Read every landed body again and rebuild every table.
        may_train: False leaves the models as they are.
        only_due: Leave out the sources that were read within their cadence.
        wait_s: Seconds to wait for another writer; None is the setting.

    Returns:
        The build id.

    Raises:
        JoulehouseError: a step failed; the last published build stays current.
    """
    with writing("refresh", as_of, wait_s=wait_s) as current:
        selected = select_sources(source_ids, current.settings)
        if only_due:
            history = History.of(current.journal.records())
            selected = due_sources(selected, history, current.run.as_of)
        ingest_sources(current, selected, full=full, is_insistent=bool(source_ids))
        begin_build(current)
        build_marts(current, full=full)
        _train_if_there_is_reason(current, may_train=may_train)
        build_what_every_run_changes(current, full=full)
        return publish_build(current).build_id


def _train_if_there_is_reason(current: Writing, *, may_train: bool) -> None:
    reason = reason_to_train(current) if may_train else None
    if reason is not None:
        train(current, reason)
        return
    with step("train") as progress:
        progress.mark = "skipped"
        progress.detail = "nothing new to learn from" if may_train else "left out (--no-train)"
