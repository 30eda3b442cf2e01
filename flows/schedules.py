"""When each thing runs by itself: known from the registry and the settings, without Prefect.

Every source has its own rhythm, and its own place within it: two installations, and two sources
of one installation, do not all ask at the full hour.
"""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flows.source_states import is_enabled
from flows.sources.protocol import Source
from warehouse.settings import Settings

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rhythm:
    """Again and again after ``every``, at ``anchor`` and everywhere else on that grid."""

    every: timedelta
    anchor: datetime

    def next_after(self, instant: datetime) -> datetime:
        """The first time after ``instant``."""
        return self.anchor + ((instant - self.anchor) // self.every + 1) * self.every


# Everything that is due, training if there is reason, and a new build: at 03:17.
DAILY = Rhythm(_DAY, _EPOCH + timedelta(hours=3, minutes=17))
# Training whether there is reason or not: Sundays at 04:37 (2000-01-02 was one).
WEEKLY = Rhythm(7 * _DAY, _EPOCH + timedelta(days=1, hours=4, minutes=37))
# What the sources gave since the last build: at 50 past.
HOURLY = Rhythm(_HOUR, _EPOCH + timedelta(minutes=50))
# Looking for what is amiss.
WATCH = Rhythm(timedelta(minutes=10), _EPOCH + timedelta(minutes=5))
# Removing what nobody needs: at 05:27.
PRUNE = Rhythm(_DAY, _EPOCH + timedelta(hours=5, minutes=27))


def installation_of(settings: Settings) -> str:
    """What tells this installation from others: its machine and its data folder."""
    return f"{platform.node()}:{settings.data_dir}"


def rhythm_of(source: Source, installation: str) -> Rhythm:
    """A source's own rhythm, the same each time for one installation."""
    digest = hashlib.sha256(f"{installation}/{source.source_id}".encode()).digest()
    every_s = int(source.cadence.total_seconds())
    return Rhythm(
        source.cadence,
        _EPOCH + timedelta(seconds=int.from_bytes(digest[:8], "big") % every_s),
    )


def next_run_at(
    settings: Settings, source: Source, last_success_at: datetime | None, now: datetime
) -> datetime | None:
    """When the source is next asked by itself; None if the schedules leave it out.

    That is at its own turn, or in the daily run if it is due by then.
    """
    if not is_enabled(settings, source):
        return None
    own = rhythm_of(source, installation_of(settings)).next_after(now)
    daily = DAILY.next_after(now)
    is_due_by_then = last_success_at is None or daily - last_success_at >= source.cadence
    return min(own, daily) if is_due_by_then else own


def iso_duration(length: timedelta) -> str:
    """A length of time as ISO 8601 writes it: ``PT15M``, ``P1D``, ``P1DT6H``."""
    minutes = round(length.total_seconds() / 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    date = f"{days}D" if days else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return f"P{date}" + (f"T{time}" if time else "") if date or time else "PT0M"
