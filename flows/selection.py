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

    Sources that come by import only are none that a run can read.

    Raises:
        InputError: an id is not registered, or is that of a source that comes by import.
    """
    wanted = _registered(source_ids, settings)
    if source_ids and (given := [one.source_id for one in wanted if one.is_import_only]):
        raise InputError(
            f"{', '.join(given)} has no provider that could be asked.",
            remedy=f"Give files: `joulehouse import {given[0]} FILE`. What was imported stays, and "
            "is read again by `joulehouse refresh --full`.",
        )
    return [source for source in wanted if not source.is_import_only]


def importable_source(source_id: str, settings: Settings) -> Source:
    """The source that files are imported into: any that is registered.

    Raises:
        InputError: it is not registered.
    """
    return _registered([source_id], settings)[0]


def _registered(source_ids: Iterable[str] | None, settings: Settings) -> list[Source]:
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
