"""The flow around ``joulehouse prune``, for its schedule."""

from __future__ import annotations

from prefect import flow

from flows.prune import prune_data
from warehouse.settings import get_settings


@flow(name="prune")
def prune(wait_s: float | None = None) -> None:
    """Remove what neither a reader nor a rebuild needs any more."""
    settings = get_settings()
    if wait_s is not None:
        settings = settings.model_copy(update={"lock_timeout_s": wait_s})
    prune_data(settings, dry_run=False)
