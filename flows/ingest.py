"""Fetch, land, parse and load every source: one task each, and none takes the others down."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from prefect import flow, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import wait
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.tasks import Task

from flows.progress import step, warn
from flows.selection import select_sources
from flows.sources.protocol import FetchContext, Source
from flows.sources.registry import SOURCES
from flows.writing import Writing, run_name, writing
from warehouse.connections import build_connection
from warehouse.errors import JoulehouseError, SourceError
from warehouse.journal import SourceOutcome
from warehouse.landing import Landing
from warehouse.loading import is_loaded, load, record_sources
from warehouse.run import Run
from warehouse.schemas import ensure_schemas
from warehouse.settings import Settings

# Two sources are fetched at a time, but parsed and loaded one after the other: a parsed archive
# is the largest thing that a refresh holds in memory.
TASK_RUNNER: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=2)
_loading = threading.Lock()

# A scheduled run can wait for a network to come back; a person wants to be told.
_SCHEDULED_RETRIES = 2
_RETRY_DELAYS_S = [60.0, 300.0]


@flow(name="ingest", flow_run_name=run_name("ingest"), task_runner=TASK_RUNNER)
def ingest(
    as_of: datetime | None = None,
    source_ids: list[str] | None = None,
    full: bool = False,
    wait_s: float | None = None,
) -> list[SourceOutcome]:
    """Bring the raw tables up to date; nothing is transformed or published."""
    selected = select_sources(source_ids)
    with writing("ingest", as_of, wait_s=wait_s) as current:
        return ingest_sources(current, selected, full=full)


def ingest_sources(
    current: Writing, selected: Iterable[Source], *, full: bool = False
) -> list[SourceOutcome]:
    """Run one task for each source and write the outcomes to the journal.

    Raises:
        SourceError: every one of them failed.
    """
    prepare_raw_tables(current.settings)
    chosen = ingest_source.with_options(
        retries=_SCHEDULED_RETRIES if runtime.deployment.id else 0,
        retry_delay_seconds=_RETRY_DELAYS_S,
    )
    futures = {
        source.source_id: chosen.submit(
            source.source_id, settings=current.settings, run=current.run, full=full
        )
        for source in selected
    }
    wait(list(futures.values()))
    states = {source_id: future.state for source_id, future in futures.items()}
    outcomes = [_outcome(source_id, state, current) for source_id, state in states.items()]
    current.note(sources=tuple(outcomes))
    _report(outcomes, _remedies(states.values()))
    return outcomes


def prepare_raw_tables(settings: Settings) -> None:
    """Create what is missing of the raw tables, and describe the sources in ``raw.sources``."""
    sources = SOURCES.values()
    with build_connection(settings) as connection:
        ensure_schemas(connection, [table for source in sources for table in source.tables])
        record_sources(connection, [_description(source) for source in sources])


def _is_transient(_task: Task[..., object], _run: object, state: State[object]) -> bool:
    error = state.result(raise_on_failure=False)
    return isinstance(error, SourceError) and error.is_transient


@task(
    name="ingest-source",
    task_run_name="ingest {source_id}",
    cache_policy=NO_CACHE,
    retry_condition_fn=_is_transient,
)
def ingest_source(source_id: str, *, settings: Settings, run: Run, full: bool) -> SourceOutcome:
    """Fetch what is new, keep it, and load every landed body that is not loaded yet.

    What landed earlier is loaded even when the fetch fails.

    Raises:
        SourceError: the fetch failed.
        ParseError: a body cannot be read at all.
    """
    source = SOURCES[source_id]
    started_at = run.now()
    with step(f"ingest {source_id}") as progress:
        landing = Landing(settings)
        failure: SourceError | None = None
        try:
            for fetched in source.fetch(FetchContext(settings, landing, run)):
                progress.advance(f"landed {fetched.name}")
                landing.land(source_id, fetched, run)
        except SourceError as error:
            failure = error
        with _loading:
            row_count, quarantined_count, body_count = _load_landed(
                source, landing, settings, run, full=full
            )
        if failure is not None:
            raise failure
        progress.detail = (
            f"{row_count:,} rows, {quarantined_count:,} quarantined"
            if body_count
            else "nothing new"
        )
    return SourceOutcome(
        source_id=source_id,
        state="loaded" if body_count else "unchanged",
        started_at=started_at.isoformat(),
        finished_at=run.now().isoformat(),
        row_count=row_count,
        quarantined_count=quarantined_count,
    )


def _load_landed(
    source: Source, landing: Landing, settings: Settings, run: Run, *, full: bool
) -> tuple[int, int, int]:
    """Rows loaded, rows quarantined, bodies read."""
    totals = [0, 0, 0]
    with build_connection(settings) as connection:
        for landed in landing.records(source.source_id):
            known = is_loaded(connection, landed, parser_version=source.parser_version)
            if known and not full:
                continue
            parsed = source.parse(landing.read(landed.landed_sha256))
            loaded = load(
                connection,
                landed,
                parsed,
                tables=source.tables,
                parser_version=source.parser_version,
                run=run,
            )
            for index, count in enumerate((loaded.row_count, loaded.quarantined_count, 1)):
                totals[index] += count
    return totals[0], totals[1], totals[2]


def _outcome(source_id: str, state: State[SourceOutcome], current: Writing) -> SourceOutcome:
    """What a source's task returned; if it failed, that it did and why."""
    if state.is_completed():
        return state.result()
    error = state.result(raise_on_failure=False)
    now = current.run.now().isoformat()
    return SourceOutcome(
        source_id=source_id,
        state="failed",
        started_at=now,
        finished_at=now,
        error=error.message
        if isinstance(error, JoulehouseError)
        else f"unexpected {type(error).__name__}: {error}",
    )


def _remedies(states: Iterable[State[SourceOutcome]]) -> list[str]:
    """What the failures say is to be done, each thing once."""
    errors = [state.result(raise_on_failure=False) for state in states if state.is_failed()]
    return list(dict.fromkeys(e.remedy for e in errors if isinstance(e, JoulehouseError)))


def _report(outcomes: list[SourceOutcome], remedies: list[str]) -> None:
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    if failed and len(failed) == len(outcomes):
        reasons = "".join(f"\n  {outcome.source_id}: {outcome.error}" for outcome in failed)
        raise SourceError(
            f"no source could be read:{reasons}",
            remedy="\n".join([*remedies, "The last published build, if any, stays current."]),
        )
    for outcome in failed:
        warn(f"source {outcome.source_id} failed; its earlier rows stay: {outcome.error}")
    for remedy in remedies:
        warn(remedy)


def _description(source: Source) -> dict[str, object]:
    names = (
        *("source_id", "title", "publisher", "homepage_url"),
        *("licence", "licence_url", "citation", "description"),
    )
    row = {name: getattr(source, name) for name in names}
    return row | {"cadence_h": source.cadence.total_seconds() / 3600}
