"""What a run tells about itself: one log record as a step begins, one as it ends.

The records go to the logger ``joulehouse``. Prefect sends them to its server (the setting
``PREFECT_LOGGING_EXTRA_LOGGERS`` names that logger), and the command line prints them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from rich.console import Console
from rich.status import Status

LOGGER_NAME = "joulehouse"

_logger = logging.getLogger(LOGGER_NAME)
_logger.setLevel(logging.INFO)
_NAME_WIDTH = 30
_DETAIL_WIDTH = 46
_LONGEST_DETAIL = 100
_STYLES = {"ok": ("✓", "green"), "failed": ("✗", "red"), "skipped": ("–", "dim")}


@dataclass
class Step:
    """One step of a run. ``detail`` says what it did, in a few words and counts."""

    name: str
    detail: str = ""
    mark: str = "ok"
    _started: float = field(default_factory=time.monotonic)
    _ended: float | None = None

    @property
    def duration_s(self) -> float:
        """Seconds that the step took, or has taken so far."""
        return (self._ended or time.monotonic()) - self._started

    def end(self) -> None:
        """Stop the step's clock."""
        self._ended = time.monotonic()

    def advance(self, detail: str) -> None:
        """Say how far the step is; shown on a terminal, and logged at debug level."""
        self.detail = detail
        _emit(logging.DEBUG, "advanced", self)

    def line(self) -> str:
        """The step as a line of text."""
        text = f"{self.name:<{_NAME_WIDTH}} {self.detail:<{_DETAIL_WIDTH}}"
        return f"{text} {self.duration_s:>7.1f} s"


@contextmanager
def step(name: str, *, is_announced: bool = True) -> Iterator[Step]:
    """Log that a step begins; at the end, what it did and how long it took."""
    current = Step(name)
    if is_announced:
        _emit(logging.DEBUG, "started", current)
    try:
        yield current
    except BaseException as error:
        current.mark = "failed"
        current.detail = _first_line(error)
        current.end()
        _emit(logging.ERROR, "ended", current)
        raise
    current.end()
    _emit(logging.INFO if current.mark != "failed" else logging.WARNING, "ended", current)


def note(text: str) -> None:
    """Log a line that is no step."""
    _logger.info(text)


def warn(text: str) -> None:
    """Log a line that someone should read."""
    _logger.warning(text)


class TerminalHandler(logging.Handler):
    """Prints steps as lines; on a terminal the running ones stand below with a spinner."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(logging.DEBUG)
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._running: dict[int, Step] = {}
        self._status: Status | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        current: Step | None = getattr(record, "step", None)
        if current is None:
            style = "yellow" if record.levelno >= logging.WARNING else None
            self._console.print(f"  {record.getMessage()}", style=style, markup=False)
            return
        if record.phase == "ended":  # type: ignore[attr-defined]
            self._running.pop(id(current), None)
            sign, style = _STYLES[current.mark]
            self._refresh()
            self._console.print(f"  {sign} {current.line()}", style=style, markup=False)
            return
        is_new = id(current) not in self._running
        self._running[id(current)] = current
        if self._console.is_terminal:
            self._refresh()
        elif is_new:
            self._console.print(f"  … {current.name}", markup=False)

    def close(self) -> None:
        """Take the spinner away."""
        self._running.clear()
        self._refresh()
        super().close()

    def _refresh(self) -> None:
        if not self._console.is_terminal:
            return
        if not self._running:
            if self._status is not None:
                self._status.stop()
                self._status = None
            return
        text = "; ".join(
            f"{current.name} {current.detail}".strip() for current in self._running.values()
        )
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        else:
            self._status.update(text)


class _Collector(logging.Handler):
    def __init__(self, steps: list[Step]) -> None:
        super().__init__(logging.INFO)
        self._steps = steps

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(record, "phase", "") == "ended":
            self._steps.append(record.step)  # type: ignore[attr-defined]


@contextmanager
def collected() -> Iterator[list[Step]]:
    """The steps that end while the block runs."""
    steps: list[Step] = []
    handler = _Collector(steps)
    _logger.addHandler(handler)
    try:
        yield steps
    finally:
        _logger.removeHandler(handler)


@contextmanager
def shown_on(stream: IO[str]) -> Iterator[None]:
    """Print progress to ``stream`` while the block runs."""
    handler = TerminalHandler(stream)
    _logger.addHandler(handler)
    before = _logger.level
    _logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        _logger.setLevel(before)
        _logger.removeHandler(handler)
        handler.close()


def _emit(level: int, phase: str, current: Step) -> None:
    message = f"{current.name}: {phase}"
    if phase == "ended":
        message = " ".join(current.line().split())
    _logger.log(level, message, extra={"step": current, "phase": phase})


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    first = lines[0]
    return first if len(first) <= _LONGEST_DETAIL else f"{first[:_LONGEST_DETAIL]}…"
