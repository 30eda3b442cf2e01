"""A source that fails again and again is left alone for a while.

What is known of that is one small file a source, so that the next process knows it too. Time is
the run's clock.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from warehouse.files import write_atomically
from warehouse.settings import Settings

State = Literal["closed", "open", "half_open"]

_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class _Known:
    failures: int = 0
    opened_at: str = ""
    retry_at: str = ""
    reason: str = ""


class Circuit:
    """The record of one source's failures in a row.

    ``closed``: it may be asked. ``open``: it failed too often, and until ``retry_at`` it is not
    asked. ``half_open``: that time is over, one run tries.
    """

    def __init__(self, settings: Settings, source_id: str) -> None:
        self._settings = settings
        self._path = settings.data_dir / "circuits" / f"{source_id}.json"
        self._known = self._read()

    @property
    def failures(self) -> int:
        """Runs in a row that failed."""
        return self._known.failures

    @property
    def opened_at(self) -> datetime | None:
        """When the source was first left alone; None while it is not."""
        return _instant(self._known.opened_at)

    @property
    def retry_at(self) -> datetime | None:
        """Until when it is left alone."""
        return _instant(self._known.retry_at)

    @property
    def reason(self) -> str:
        """Why the last run failed."""
        return self._known.reason

    def state(self, now: datetime) -> State:
        """Whether it may be asked at ``now``."""
        opened_at, retry_at = self.opened_at, self.retry_at
        if opened_at is None or retry_at is None:
            return "closed"
        # A clock before the opening is another timeline, such as a run for an earlier day.
        return "open" if opened_at <= now < retry_at else "half_open"

    def succeed(self) -> None:
        """Forget every failure."""
        self._known = _Known()
        self._path.unlink(missing_ok=True)

    def fail(self, now: datetime, reason: str) -> None:
        """Count a failure; from the setting's number on, each opens for twice as long."""
        failures = self._known.failures + 1
        beyond = failures - self._settings.circuit_failures
        opened_at = retry_at = ""
        if beyond >= 0:
            pause = min(
                timedelta(seconds=self._settings.circuit_pause_s) * 2 ** min(beyond, 16),
                _LONGEST_PAUSE,
            )
            opened_at = self._known.opened_at or now.isoformat()
            retry_at = (now + pause).isoformat()
        self._known = _Known(failures, opened_at, retry_at, reason[:1000])
        write_atomically(self._path, json.dumps(asdict(self._known), indent=2).encode())

    def _read(self) -> _Known:
        try:
            return _Known(**json.loads(self._path.read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):
            return _Known()  # nothing known, or not ours: then it may be asked


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
