"""From the raw tables to the marts: dbt, with all of its tests."""

from __future__ import annotations

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows import marts_state
from flows.dbt_build import DbtResult, dbt_build
from flows.progress import step, warn
from flows.publish import publish_build, record_run
from flows.writing import Writing, run_name, writing
from warehouse.publishing import next_build_id

# What differs in every run, and so is built last and always: the marts on the predictions, and
# those on the record of runs, which by then holds this run too.
_EVERY_RUN = (
    "tag:predictions+",
    "source:joulehouse.builds+",
    "source:joulehouse.source_runs+",
)


@flow(name="transform", flow_run_name=run_name("transform"))
def transform(
    as_of: datetime | None = None, full: bool = False, wait_s: float | None = None
) -> str:
    """Build everything from the raw tables as they are, test it and publish it.

    Returns:
        The build id.
    """
    with writing("transform", as_of, wait_s=wait_s) as current:
        begin_build(current)
        build_marts(current, full=full, is_needed=True)
        build_what_every_run_changes(current, full=full)
        return publish_build(current).build_id


def begin_build(current: Writing) -> None:
    """Give the run the key of the build that it is to publish."""
    current.note(build_id=next_build_id(current.settings, current.run))


def build_marts(current: Writing, *, full: bool = False, is_needed: bool = False) -> None:
    """Build and test every model on the data, unless that would make the same tables again."""
    settings, run = current.settings, current.run
    if not (full or is_needed) and marts_state.are_current(settings, run):
        with step("dbt build") as progress:
            progress.mark = "skipped"
            progress.detail = "nothing new to build from"
        return
    marts_state.forget(settings)
    run_dbt("dbt build", current, selection=("--exclude", *_EVERY_RUN), full_refresh=full)
    marts_state.remember(settings, run)


def build_what_every_run_changes(current: Writing, *, full: bool = False) -> None:
    """Record this run, then build and test the rest."""
    record_run(current)
    run_dbt("dbt build the rest", current, selection=("--select", *_EVERY_RUN), full_refresh=full)


@task(name="dbt", task_run_name="{name}", cache_policy=NO_CACHE)
def run_dbt(
    name: str,
    current: Writing,
    *,
    selection: tuple[str, ...] = (),
    full_refresh: bool = False,
) -> DbtResult:
    """One ``dbt build``.

    Raises:
        TransformError: a node or a test failed.
    """
    with step(name) as progress:
        result = dbt_build(
            current.settings,
            current.run,
            current.record.build_id,
            progress,
            selection=selection,
            full_refresh=full_refresh,
        )
        progress.detail = result.summary()
    for node, text in result.warnings.items():
        warn(f"dbt warns of {node}: {text}")
    return result
