"""From the raw tables to the marts: dbt, with all of its tests."""

from __future__ import annotations

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows import marts_state
from flows.dbt_build import DbtResult, dbt_build, stale_sources
from flows.progress import note, step, warn
from flows.publish import publish_build, record_run
from flows.writing import Writing, run_name, writing
from warehouse.errors import NotPublishedError
from warehouse.journal import Journal
from warehouse.publishing import current_build, next_build_id
from warehouse.settings import Settings, get_settings

_STANDS_ON = "source:*.{}+"
_NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")

# What differs in every run, and so is built last and always: the marts on the predictions, and
# those on the record of runs, which by then holds this run too.
_EVERY_RUN = (
    "tag:predictions+",
    "source:joulehouse.builds+",
    "source:joulehouse.source_runs+",
)


@flow(name="transform", flow_run_name=run_name("transform"))
def transform(
    as_of: datetime | None = None,
    full: bool = False,
    wait_s: float | None = None,
    only_if_new: bool = False,
) -> str:
    """Build everything from the raw tables as they are, test it and publish it.

    Args:
        as_of: The run's clock. None is now.
        full: Rebuild every table.
        wait_s: Seconds to wait for another writer; None is the setting.
        only_if_new: Do nothing if no row came since the current build.

    Returns:
        The build id.
    """
    if only_if_new and (build_id := _build_of_all_that_came(get_settings())) is not None:
        note(f"build {build_id} holds all that came")
        return build_id
    with writing("transform", as_of, wait_s=wait_s) as current:
        begin_build(current)
        build_marts(current, full=full, is_needed=True)
        build_what_every_run_changes(current, full=full)
        return publish_build(current).build_id


def _build_of_all_that_came(settings: Settings) -> str | None:
    """The current build, if no run has loaded a row since it was made."""
    try:
        build_id = current_build(settings).build_id
    except NotPublishedError:
        return None
    later = False
    for record in Journal(settings).records():
        if record.build_id == build_id:
            later = False
        elif record.status != "running" and any(outcome.row_count for outcome in record.sources):
            later = True
    return None if later else build_id


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
    # Unit tests test the SQL: they need not run again while no line of it changed.
    skipped = () if full or not marts_state.is_same_code(settings) else _NO_UNIT_TESTS
    # Nor need a model be made again of which nothing came that it stands on.
    tables = None if full else marts_state.changed_tables(settings)
    marts_state.forget(settings)
    chosen = (
        () if tables is None else ("--select", *map(_STANDS_ON.format, (*tables, "quarantine")))
    )
    selection = (*chosen, "--exclude", *_EVERY_RUN, *skipped)
    run_dbt("dbt build", current, selection=selection, full_refresh=full)
    marts_state.remember(settings, run)


def build_what_every_run_changes(current: Writing, *, full: bool = False) -> None:
    """Record this run, then build and test the rest."""
    record_run(current)
    run_dbt("dbt build the rest", current, selection=("--select", *_EVERY_RUN), full_refresh=full)
    check_freshness(current)


@task(name="freshness", task_run_name="dbt source freshness", cache_policy=NO_CACHE)
def check_freshness(current: Writing) -> None:
    """Say which sources are older than they should be; the build stands all the same."""
    with step("dbt source freshness") as progress:
        stale = stale_sources(current.settings, current.run, current.record.build_id)
        progress.detail = f"{len(stale)} sources are overdue" if stale else "no source is overdue"
    for name, age_h in stale.items():
        warn(f"source {name} was last read {age_h:g} h ago; `joulehouse status` says why.")


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
