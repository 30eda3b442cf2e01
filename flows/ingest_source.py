"""One source in one run: fetch, land, parse, load, and say how it went."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Literal

from flows.sources.context import FetchContext
from flows.sources.protocol import Arrival, Source
from warehouse.batches import Reading, about_json
from warehouse.connections import Connection, build_connection
from warehouse.coverage import coverage_of
from warehouse.errors import ParseError, SourceError
from warehouse.journal import SourceOutcome
from warehouse.landing import Fetched, Landed, Landing
from warehouse.loading import load, newest_landing, not_loaded
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.spans import Span
from warehouse.tables import Parsed

# Bodies are loaded together, as many as make about so many bytes: a transaction for each of ten
# thousand small ones would take longer than reading them.
_BATCH_BYTES = 32 * 1024 * 1024
_BATCH_BODIES = 500
_SHOWN_FAILURES = 3
# Parsing is mostly Polars, which works beside other threads: two bodies at a time take 0.7 of the
# time on two cores.
_PARSERS = 2


class SourceRun:
    """What one run does with one source. ``loading`` lets one source at a time load.

    Attributes:
        failure: how the fetch failed, if it did.
        row_count, quarantined_count: rows that were stored, and that could not be read.
    """

    def __init__(
        self,
        source: Source,
        settings: Settings,
        run: Run,
        *,
        loading: threading.Lock,
        is_full: bool = False,
        backfill: Span | None = None,
        zones: tuple[str, ...] = (),
    ) -> None:
        self._source = source
        self._settings = settings
        self._run = run
        self._loading = loading
        self._is_full = is_full
        self._backfill = backfill
        self._zones = zones
        self._landing = Landing(settings)
        self._started_at = run.now()
        self._unreadable: list[ParseError] = []
        self._answer_count = 0
        self.failure: SourceError | None = None
        self.row_count = self.quarantined_count = 0

    @property
    def detail(self) -> str:
        """What was loaded, in words."""
        if not self.row_count and not self.quarantined_count:
            return "nothing new"
        return f"{self.row_count:,} rows, {self.quarantined_count:,} quarantined"

    def fetch_and_load(self, advance: Callable[[str], None]) -> SourceOutcome:
        """Load what landed earlier, then fetch, and load what comes as it comes."""
        self.load_what_landed(again=self._is_full)
        with (
            build_connection(self._settings) as connection,
            closing(self._context(connection)) as context,
        ):
            try:
                self._take(connection, self._source.fetch(context), advance)
            except SourceError as error:
                self.failure = error
        return self._finished()

    def take(self, bodies: Iterable[Fetched]) -> SourceOutcome:
        """Land and load bodies that are here already."""
        self.load_what_landed()
        with build_connection(self._settings) as connection:
            self._take(connection, bodies, lambda _: None)
        return self._finished()

    def load_what_landed(self, *, again: bool = False) -> None:
        """Load every landed body that this version of the parser has not read.

        A run that died after landing, a mended parser and a lost warehouse all come to this.
        """
        source_id = self._source.source_id
        landed_ids: Collection[str] = self._landing.landing_ids(source_id)
        with build_connection(self._settings) as connection:
            if not again:
                landed_ids = not_loaded(
                    connection,
                    source_id,
                    landed_ids,
                    parser_version=self._source.parser_version,
                )
            records = [self._landing.record(source_id, landing_id) for landing_id in landed_ids]
            records.sort(key=lambda landed: (landed.fetched_at, landed.landing_id))
            for batch in _batches(records):
                self._load(connection, batch)

    def outcome(
        self,
        state: Literal["no_key", "paused"],
        before: Callable[[], None] | None = None,
        *,
        error: str = "",
    ) -> SourceOutcome:
        """The outcome of a run that does not fetch."""
        if before is not None:
            before()
        return self._outcome(state, error)

    def _context(self, connection: Connection) -> FetchContext:
        return FetchContext(
            self._settings,
            self._landing,
            self._run,
            source=self._source,
            coverage=coverage_of(connection, self._source.source_id),
            backfill=self._backfill,
            only_zones=self._zones,
            is_full=self._is_full,
        )

    def _take(
        self,
        connection: Connection,
        bodies: Iterable[Fetched],
        advance: Callable[[str], None],
    ) -> None:
        waiting: list[Landed] = []
        try:
            for fetched in bodies:
                self._answer_count += 1
                landed = self._land(connection, fetched)
                if landed is None:
                    continue
                advance(f"landed {fetched.name}")
                waiting.append(landed)
                if _is_full_batch(waiting):
                    self._load(connection, waiting)
                    waiting = []
        finally:
            self._load(connection, waiting)

    def _land(self, connection: Connection, fetched: Fetched) -> Landed | None:
        """Keep a body, unless the same request led to the same body the last time."""
        source_id = self._source.source_id
        about = about_json(fetched.about)
        newest = newest_landing(connection, source_id, fetched.request, about)
        landed = self._landing.land(source_id, fetched, self._run, is_return=False)
        if newest is None:
            return landed
        sha256, error = newest
        if sha256 != landed.landed_sha256:
            # Other bytes than last time. If they came before that, they are news again.
            if landed.fetched_at < self._started_at:
                return self._landing.land(source_id, fetched, self._run, is_return=True)
            return landed
        if error:
            self._unreadable.append(ParseError(f"{error} (unchanged since it first came)"))
        return None

    def _load(self, connection: Connection, batch: list[Landed]) -> None:
        if not batch:
            return
        with self._loading, ThreadPoolExecutor(_PARSERS) as parsers:
            readings = list(parsers.map(self._read, batch))
            loaded = load(
                connection,
                readings,
                tables=self._source.tables,
                parser_version=self._source.parser_version,
                run=self._run,
            )
        self.row_count += loaded.row_count
        self.quarantined_count += loaded.quarantined_count

    def _read(self, landed: Landed) -> Reading:
        try:
            arrival = Arrival.of(landed, self._landing.read(landed.landed_sha256))
            return Reading(landed, self._source.parse(arrival))
        except ParseError as error:
            self._unreadable.append(error)
            return Reading(landed, Parsed(), failure=error)

    def _finished(self) -> SourceOutcome:
        errors = [self.failure.message] if self.failure else []
        errors += [str(error) for error in self._unreadable[:_SHOWN_FAILURES]]
        if len(self._unreadable) > _SHOWN_FAILURES:
            errors.append(f"and {len(self._unreadable) - _SHOWN_FAILURES} more bodies")
        if errors:
            state: Literal["loaded", "unchanged", "partial", "failed"]
            state = "partial" if self._answer_count > len(self._unreadable) else "failed"
            return self._outcome(state, "; ".join(errors))
        is_new = self.row_count or self.quarantined_count
        return self._outcome("loaded" if is_new else "unchanged")

    def _outcome(
        self,
        state: Literal["loaded", "unchanged", "partial", "failed", "no_key", "paused"],
        error: str = "",
    ) -> SourceOutcome:
        return SourceOutcome(
            source_id=self._source.source_id,
            state=state,
            started_at=self._started_at.isoformat(),
            finished_at=self._run.now().isoformat(),
            row_count=self.row_count,
            quarantined_count=self.quarantined_count,
            error=error,
        )


def _batches(records: Iterable[Landed]) -> Iterator[list[Landed]]:
    batch: list[Landed] = []
    for landed in records:
        batch.append(landed)
        if _is_full_batch(batch):
            yield batch
            batch = []
    if batch:
        yield batch


def _is_full_batch(batch: list[Landed]) -> bool:
    is_large = sum(landed.byte_count for landed in batch) >= _BATCH_BYTES
    return is_large or len(batch) >= _BATCH_BODIES
