"""Which sources a run is to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from flows.sources.protocol import Source
from flows.sources.registry import SOURCES
from warehouse.environment import read_variable
from warehouse.errors import InputError
from warehouse.settings import Settings

KeyState = Literal["set", "missing", "optional", "not needed"]


def select_sources(source_ids: Iterable[str] | None, settings: Settings) -> list[Source]:
    """The registered sources with these ids; those that the settings choose if none is named.

    Raises:
        InputError: an id is not registered.
    """
    left_out = set(settings.without_sources)
    chosen = [name for name in settings.sources or SOURCES if name not in left_out]
    wanted = list(dict.fromkeys(source_ids or chosen))
    if unknown := [name for name in (*wanted, *left_out) if name not in SOURCES]:
        raise InputError(
            f"there is no source {', '.join(map(repr, unknown))}.",
            remedy=f"Sources are: {', '.join(SOURCES)}.",
        )
    return [SOURCES[source_id] for source_id in wanted]


def key_state(source: Source, settings: Settings) -> KeyState:
    """Whether the key that a source asks for is there."""
    if source.key_env is None:
        return "not needed"
    names = (source.key_env, *source.login_env)
    if all(read_variable(settings, name) for name in names):
        return "set"
    return "missing" if source.is_key_required else "optional"
