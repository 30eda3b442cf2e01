"""``joulehouse backfill``: the backfill flow from the command line, with a progress bar."""

from __future__ import annotations

import importlib
import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from flows.prefect_server import reporting_to_prefect
from flows.progress import LOGGER_NAME, shown_on
from flows.selection import key_state
from flows.sources.context import FetchContext
from flows.sources.protocol import Source
from flows.sources.registry import SOURCES
from warehouse.errors import InputError
from warehouse.landing import Landing
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.spans import Span

if TYPE_CHECKING:
    from flows.backfill import Piece

# A step waits for a scheduled run to end, and the other way round.
_WAIT_S = 1800.0


def run_backfill(
    settings: Settings,
    source_id: str,
    *,
    start_at: datetime,
    end_at: datetime | None = None,
    zones: tuple[str, ...] = (),
    full: bool = False,
    as_of: datetime | None = None,
    may_publish: bool = True,
) -> None:
    """Fill the range and show how far it is, then build and publish what came.

    Raises:
        InputError: what is asked for cannot be done.
        SourceError: several pieces in a row failed; what came before stays loaded.
    """
    clock = as_of or datetime.now(UTC)
    source = source_with_history(settings, source_id)
    span = _past(start_at, end_at or clock, clock)
    zones = _known_zones(settings, source, zones, clock)
    with ExitStack() as stack:
        stack.enter_context(
            reporting_to_prefect(settings, lambda: importlib.import_module("flows.backfill"))
        )
        from flows.backfill import backfill
        from flows.transform import transform

        # Polars, imported by now, has put its own handler in the place of Python's, with which
        # Ctrl-C goes unheard for as long as this thread waits for something.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with _bar(sys.stdout, source_id) as bar:
            backfill(
                source_id,
                span.start_at,
                span.end_at,
                zones=list(zones),
                full=full,
                as_of=as_of,
                wait_s=_WAIT_S,
            )
        bar.conclude()
        if may_publish:
            with shown_on(sys.stdout):
                transform(as_of=as_of, wait_s=_WAIT_S, only_if_new=not bar.row_count)
        elif bar.row_count:
            bar.say("Not published yet: run `joulehouse refresh`.")


def source_with_history(settings: Settings, source_id: str) -> Source:
    """The source, if it can be filled.

    Raises:
        InputError: it is not registered, keeps no history, or lacks its key.
    """
    source = SOURCES.get(source_id)
    if source is None or source.chunk is None:
        with_history = [known.source_id for known in SOURCES.values() if known.chunk is not None]
        what = "there is no source {!r}." if source is None else "source {!r} has no history."
        raise InputError(
            what.format(source_id),
            remedy=f"Sources with history: {', '.join(with_history) or 'none'}. "
            "Every other is read whole by `joulehouse refresh`.",
        )
    if key_state(source, settings) == "missing":
        names = ", ".join(name for name in (source.key_env, *source.login_env) if name)
        raise InputError(
            f"source {source_id!r} needs its key.",
            remedy=f"Set {names} in the environment or in .env.",
        )
    return source


def _past(start_at: datetime, end_at: datetime, clock: datetime) -> Span:
    """The range, without what has not happened yet."""
    if start_at >= min(end_at, clock):
        raise InputError(
            f"there is no past time from {start_at:%Y-%m-%dT%H:%M}Z to {end_at:%Y-%m-%dT%H:%M}Z.",
            remedy=f"--from must be before --to and before {clock:%Y-%m-%dT%H:%M}Z.",
        )
    return Span(start_at, min(end_at, clock))


def _known_zones(
    settings: Settings, source: Source, zones: tuple[str, ...], clock: datetime
) -> tuple[str, ...]:
    """The zones as the provider writes them; an unknown one is refused before anything starts."""
    if not zones:
        return ()
    run = Run.start(clock)
    context = FetchContext(settings, Landing(settings), run, source=source, only_zones=zones)
    return context.zones


class BackfillBar(logging.Handler):
    """Moves with each piece: percent, rows, time left. Without a terminal, a line a piece."""

    def __init__(self, stream: IO[str], source_id: str) -> None:
        super().__init__(logging.INFO)
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._source_id = source_id
        self._began = time.monotonic()
        self.row_count = self.quarantined_count = self.failed_count = 0
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[rows]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self.progress.add_task(f"backfill {source_id}", total=None, rows="")

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of one record of the run."""
        piece: Piece | None = getattr(record, "piece", None)
        if piece is None:
            if record.levelno >= logging.WARNING and not hasattr(record, "step"):
                self.say(record.getMessage(), style="yellow")
            return
        self.row_count += piece.outcome.row_count
        self.quarantined_count += piece.outcome.quarantined_count
        self.failed_count += piece.outcome.state in ("failed", "partial")
        rows = f"{self.row_count:,} rows"
        self.progress.update(self._task, total=piece.count, completed=piece.number, rows=rows)
        if piece.outcome.error:
            self.say(record.getMessage(), style="yellow")
        if not self._console.is_terminal:
            left_s = (time.monotonic() - self._began) / piece.number * (piece.count - piece.number)
            share = piece.number / piece.count
            self.say(
                f"{share:4.0%}  {piece.span.start_at:%Y-%m-%d} to {piece.span.end_at:%Y-%m-%d}  "
                f"{rows}, about {_clock(left_s)} left"
            )

    def say(self, text: str, *, style: str | None = None) -> None:
        """Print a line above the bar."""
        self._console.print(f"  {text}", style=style, markup=False)

    def conclude(self) -> None:
        """Say what came of it all."""
        took = _clock(time.monotonic() - self._began)
        if not self.row_count and not self.failed_count:
            self.say(f"nothing left to do: {self._source_id} has no rows to add in this time")
            return
        failed = f", {self.failed_count} pieces not in full: run the same again"
        self.say(
            f"{self._source_id}: {self.row_count:,} rows, {self.quarantined_count:,} quarantined, "
            f"in {took}{failed if self.failed_count else ''}"
        )


@contextmanager
def _bar(stream: IO[str], source_id: str) -> Iterator[BackfillBar]:
    """The bar, while the block runs."""
    bar = BackfillBar(stream, source_id)
    logger = logging.getLogger(LOGGER_NAME)
    logger.addHandler(bar)
    try:
        with bar.progress:
            yield bar
    except KeyboardInterrupt:
        bar.say(
            f"interrupted: {bar.row_count:,} rows are loaded; the same command goes on from here"
        )
        raise
    finally:
        logger.removeHandler(bar)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
