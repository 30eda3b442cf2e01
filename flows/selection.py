"""Which sources a run is to read."""

from __future__ import annotations

from collections.abc import Iterable

from flows.sources.protocol import Source
from flows.sources.registry import SOURCES
from warehouse.errors import InputError


def select_sources(source_ids: Iterable[str] | None) -> list[Source]:
    """The registered sources with these ids; all of them if none is named.

    Raises:
        InputError: an id is not registered.
    """
    wanted = list(dict.fromkeys(source_ids or SOURCES))
    if unknown := [source_id for source_id in wanted if source_id not in SOURCES]:
        raise InputError(
            f"there is no source {', '.join(map(repr, unknown))}.",
            remedy=f"Sources are: {', '.join(SOURCES)}.",
        )
    return [SOURCES[source_id] for source_id in wanted]
