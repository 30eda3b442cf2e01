"""From the raw tables to the marts: dbt, with all of its tests."""

from __future__ import annotations

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.dbt_build import DbtResult, dbt_build
from flows.progress import step, warn
from flows.publish import publish_build, record_run
from flows.writing import Writing, run_name, writing
from warehouse.publishing import next_build_id

# Models that stand on the predictions are built after training has written them.
BEFORE_PREDICTIONS = ("--exclude", "tag:predictions")
ON_PREDICTIONS = ("--select", "tag:predictions+")


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
        record_run(current)
        run_dbt("dbt build", current, full_refresh=full)
        return publish_build(current).build_id


def begin_build(current: Writing) -> None:
    """Give the run the key of the build that it is to publish."""
    current.note(build_id=next_build_id(current.settings, current.run))


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
