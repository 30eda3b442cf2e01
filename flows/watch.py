"""Looking for what is amiss and telling of it. It writes no warehouse and waits for nobody."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow, runtime

from flows.alerts import channels_of, tell
from flows.conditions import problems_now
from flows.overdue import cancel_overtaken_runs
from flows.progress import note, warn
from flows.writing import run_name
from warehouse.journal import Journal
from warehouse.settings import get_settings


@flow(name="watch", flow_run_name=run_name("watch"))
def watch(as_of: datetime | None = None) -> list[str]:
    """Tell each channel once of what is amiss, and once when it is over.

    Returns:
        The keys of the problems that are there now.
    """
    settings, now = get_settings(), as_of or datetime.now(UTC)
    cancel_overtaken_runs(runtime.deployment.id)
    channels, unusable = channels_of(settings)
    found = [*problems_now(settings, Journal(settings).records(), now), *unusable]
    told = tell(settings, found, channels, now)
    for problem in told.fresh:
        warn(f"{problem.title}: {problem.detail} {problem.remedy}")
    for problem in told.over:
        note(f"over: {problem.title}")
    return [problem.key for problem in found]
