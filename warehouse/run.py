"""The clock of a run: one ``as_of`` instant from which every other time follows."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from warehouse.errors import InputError


@dataclass(frozen=True)
class Run:
    """One execution of a flow. ``now()`` is ``as_of`` plus the time the run has taken."""

    run_id: str
    as_of: datetime
    _started: float = field(default_factory=time.monotonic, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise InputError(
                f"as_of {self.as_of.isoformat()} has no time zone.",
                remedy="Give an instant such as 2026-11-22T06:00:00Z.",
            )

    @classmethod
    def start(cls, as_of: datetime) -> Run:
        """Begin a run whose clock starts at ``as_of`` (aware; kept in UTC)."""
        run_id = f"{as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
        return cls(run_id=run_id, as_of=as_of.astimezone(UTC))

    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    def now(self) -> datetime:
        """The run's present instant, in UTC."""
        return self.as_of + timedelta(seconds=self.elapsed_s())


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant as an aware UTC datetime; a date alone is its first instant.

    Raises:
        InputError: the text is not ISO 8601.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(
            f"{text!r} is not an instant.",
            remedy="Write it as 2026-11-22T06:00:00Z or 2026-11-22.",
        ) from error
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
