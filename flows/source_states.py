"""How each source stands: chosen, with its key, last read when, left alone by its circuit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flows.circuit import Circuit
from flows.selection import key_state
from flows.sources.protocol import Source
from warehouse.journal import RunRecord, SourceOutcome
from warehouse.settings import Settings

# What counts as having been read; of a partial success the good part is loaded.
SUCCESSES = ("loaded", "unchanged", "partial")


@dataclass(frozen=True)
class History:
    """The newest that the journal knows of each source, by source id."""

    outcomes: dict[str, SourceOutcome] = field(default_factory=dict)
    succeeded_at: dict[str, datetime] = field(default_factory=dict)
    whole_at: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[RunRecord]) -> History:
        """The history that these runs make, oldest run first.

        A backfill is left out: it says nothing of how fresh a source is.
        """
        made = cls()
        for record in records:
            if record.flow == "backfill":
                continue
            for outcome in record.sources:
                made.outcomes[outcome.source_id] = outcome
                if outcome.state in SUCCESSES:
                    at = datetime.fromisoformat(outcome.finished_at)
                    made.succeeded_at[outcome.source_id] = at
                    if outcome.state != "partial":
                        made.whole_at[outcome.source_id] = at
        return made

    def attempted_at(self, source_id: str) -> datetime | None:
        """When the source was last turned to, whatever came of it."""
        outcome = self.outcomes.get(source_id)
        return None if outcome is None else datetime.fromisoformat(outcome.finished_at)


def is_chosen(settings: Settings, source_id: str) -> bool:
    """Whether the settings want the source."""
    if source_id in settings.without_sources:
        return False
    return not settings.sources or source_id in settings.sources


def is_enabled(settings: Settings, source: Source) -> bool:
    """Whether the source is wanted and can be asked; one that comes by import never is."""
    return (
        not source.is_import_only
        and is_chosen(settings, source.source_id)
        and key_state(source, settings) != "missing"
    )


def state_of(settings: Settings, source_id: str, history: History, now: datetime) -> str:
    """``off``, ``paused``, ``never``, or what the newest run made of the source."""
    if not is_chosen(settings, source_id):
        return "off"
    if Circuit(settings, source_id).state(now) == "open":
        return "paused"
    outcome = history.outcomes.get(source_id)
    return outcome.state if outcome else "never"


def is_due(source: Source, last_at: datetime | None, now: datetime) -> bool:
    """Whether a cadence has passed since ``last_at``; None is never."""
    return last_at is None or now - last_at >= source.cadence


def due_sources(selected: Iterable[Source], history: History, now: datetime) -> list[Source]:
    """Those of the sources that were not read for a cadence, or never."""
    return [s for s in selected if is_due(s, history.succeeded_at.get(s.source_id), now)]
