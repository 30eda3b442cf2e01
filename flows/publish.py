"""The last step of a build: it becomes the current one, in one move."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.progress import step
from flows.writing import Writing
from warehouse.connections import build_connection
from warehouse.publishing import Build, prunable_builds, publish
from warehouse.read import BuildWarehouse
from warehouse.recording import record_builds


@task(name="record-run", task_run_name="record run", cache_policy=NO_CACHE)
def record_run(current: Writing) -> None:
    """Copy the journal into the build, which says of itself that it is published.

    Nobody but the writer sees the file before that is true; if publishing fails, the next run
    writes over it what the journal says then.
    """
    now = current.run.now()
    current.note(published_at=now.isoformat(), duration_s=round(current.run.elapsed_s(), 3))
    own = replace(current.record, status="published")
    recorded = BuildWarehouse(current.settings).query("select run_id, status from raw.builds")
    known = set(recorded.iter_rows())
    earlier = [
        record
        for record in current.journal.records()
        if record.run_id != own.run_id and (record.run_id, record.status) not in known
    ]
    with build_connection(current.settings) as connection:
        record_builds(connection, [*earlier, own])


@task(name="publish", task_run_name="publish {current.record.build_id}", cache_policy=NO_CACHE)
def publish_build(current: Writing) -> Build:
    """Publish the writer's file and remove the builds that are too old to keep.

    Raises:
        PublishError: the copy could not be made; the last published build stays current.
    """
    with step("publish") as progress:
        build = publish(
            current.settings,
            current.record.build_id,
            published_at=datetime.fromisoformat(current.record.published_at),
        )
        current.note(status="published")
        old = prunable_builds(current.settings)
        for earlier in old:
            earlier.path.unlink(missing_ok=True)
        size = build.path.stat().st_size / 1e6
        progress.detail = f"{build.build_id}, {size:,.0f} MB"
    return build
