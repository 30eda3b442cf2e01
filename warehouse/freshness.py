"""When data count as late: one rule for the dashboard, the alerts and the command line."""

from __future__ import annotations

from datetime import timedelta

_LEAST_SLACK = timedelta(hours=1)
_MOST_SLACK = timedelta(days=2)


def latest_age(cadence: timedelta) -> timedelta:
    """How old a source's last success may be before the source is late.

    It may miss one turn, but at least an hour and at most two days: a run waits for others, and a
    provider may be down for a night. Every 15 minutes gives 1 h 15 min, daily 2 days, every 30
    days 32 days.
    """
    return cadence + min(max(cadence, _LEAST_SLACK), _MOST_SLACK)
