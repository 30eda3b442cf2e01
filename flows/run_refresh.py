"""``joulehouse refresh``: the refresh flow from the command line, with visible progress."""

from __future__ import annotations

import importlib
import signal
import sys
from contextlib import ExitStack
from datetime import UTC, datetime

from flows.prefect_server import reporting_to_prefect
from flows.progress import note, shown_on, step
from warehouse.settings import Settings


def run_refresh(
    settings: Settings,
    *,
    as_of: datetime | None = None,
    source_ids: list[str] | None = None,
    full: bool = False,
    may_train: bool = True,
) -> str:
    """Run the flow in this process and print a line for each step.

    Returns:
        The build id.

    Raises:
        InputError: a source is not registered.
        JoulehouseError: a step failed; the last published build stays current.
    """
    if source_ids:
        from flows.selection import select_sources

        select_sources(source_ids, settings)  # an unknown one is refused before anything is started
    with ExitStack() as stack:
        stack.enter_context(shown_on(sys.stdout))
        whole = stack.enter_context(step("refresh", is_announced=False))
        with step("start Prefect") as progress:
            progress.detail = stack.enter_context(
                reporting_to_prefect(settings, lambda: importlib.import_module("flows.refresh"))
            )
        from flows.refresh import refresh

        # Polars, imported by now, has put its own handler in the place of Python's, with which
        # Ctrl-C goes unheard for as long as this thread waits for something.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        build_id = refresh(
            as_of=as_of or datetime.now(UTC),
            source_ids=source_ids,
            full=full,
            may_train=may_train,
        )
        whole.detail = f"build {build_id} is current"
        note(f"published: {settings.published_dir / 'current.duckdb'}")
    return build_id
