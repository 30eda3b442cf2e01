"""Local servers that speak the protocols of the providers, for tests and for a look by hand.

This file is the package ``local_providers``; the other modules of its folder are its submodules,
so that ``from local_providers.framework_name import ...`` works without the folder being on the
path. A provider is a module of its own with one subclass of :class:`Provider`; it is found by being
in the folder. Nothing here reads our own parsers or sources.
"""

from __future__ import annotations

import importlib
import math
import zlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local_providers.faults import ActiveFaults
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

HERE = Path(__file__).parent
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class World:
    """The clock of the simulated world: what is before it has happened."""

    def __init__(self, now: datetime | Callable[[], datetime] = NOON) -> None:
        self._now = now

    @property
    def now(self) -> datetime:
        return self._now() if callable(self._now) else self._now

    @now.setter
    def now(self, now: datetime | Callable[[], datetime]) -> None:
        self._now = now


class Provider:
    """One provider: its routes, its data, its key. Tests change its attributes.

    A value is that of the provider's formula, unless :meth:`put` set another one, from an instant
    of the simulated clock on if wished: that is a revision.

    Attributes:
        source_id: the first part of its path.
        base_url_env: the variable that points a client here.
        key_env: the variable that holds the key, if it has one.
        key: the key it accepts.
        secrets: further values that clients must keep to themselves, by variable.
        urls: further variables that point clients here, with the path below the base.
    """

    source_id = ""
    base_url_env = ""
    key_env: str | None = None

    def __init__(self, world: World) -> None:
        self.world = world
        self.key = f"planted-key-{self.source_id}"
        self.secrets: dict[str, str] = {}
        self.urls: dict[str, str] = {}
        self._put: dict[Hashable, list[tuple[datetime, Any]]] = {}

    def routes(self) -> Sequence[BaseRoute]:
        """What it answers, with paths below its own prefix."""
        raise NotImplementedError

    def refusal(self, _request: Request) -> Response | None:
        """What it answers before anything else, such as 401 without a key; None to go on."""
        return None

    def error_in_200(self, _request: Request) -> Response:
        """An error that comes with status 200, in this provider's words."""
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        """The simulated clock."""
        return self.world.now

    def put(self, *key: Hashable, value: Any, known_from: datetime | None = None) -> None:
        """Set a value, for ever or from an instant of the simulated clock on."""
        begin = known_from or datetime.min.replace(tzinfo=UTC)
        self._put.setdefault(key, []).append((begin, value))

    def look_up(self, *key: Hashable, otherwise: Any) -> Any:
        """The value that was put last and is known by now, else ``otherwise``."""
        values = self._put.get(key)
        if not values:
            return otherwise
        known = [value for known_from, value in values if known_from <= self.now]
        return known[-1] if known else otherwise

    def environment(self, base_url: str) -> dict[str, str]:
        """The variables with which a client reaches this provider, with its keys."""
        variables = {self.base_url_env: base_url} if self.base_url_env else {}
        variables |= {name: base_url + path for name, path in self.urls.items()}
        if self.key_env:
            variables[self.key_env] = self.key
        return variables | self.secrets


def faults_of(request: Request) -> ActiveFaults:
    """The faults that are on for this request."""
    return request.scope["local_faults"]


def wave(name: str, at: datetime, low: float, high: float) -> float:
    """A made-up value between ``low`` and ``high`` that any history of any length can repeat.

    It follows the hour of the day, swings slowly over weeks, and carries a little noise that
    depends on nothing but name and instant.
    """
    seconds = at.timestamp()
    shift = zlib.crc32(name.encode()) % 1000 / 1000
    daily = math.sin(2 * math.pi * (seconds / 86_400 + shift))
    weekly = math.sin(2 * math.pi * (seconds / (86_400 * 17) + shift))
    noise = zlib.crc32(f"{name} {int(seconds)}".encode()) % 1000 / 1000 - 0.5
    share = 0.5 + 0.3 * daily + 0.12 * weekly + 0.15 * noise
    return low + (high - low) * min(1.0, max(0.0, share))


def steps(start: datetime, end: datetime, step: timedelta) -> list[datetime]:
    """The instants from ``start`` (rounded up to a whole step) to before ``end``."""
    seconds = step.total_seconds()
    first = math.ceil(start.timestamp() / seconds)
    last = math.ceil(end.timestamp() / seconds)
    return [datetime.fromtimestamp(number * seconds, UTC) for number in range(first, last)]


def floor(at: datetime, step: timedelta) -> datetime:
    """The last whole step at or before an instant."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def find_providers(world: World) -> Mapping[str, Provider]:
    """One of every provider that has a module in this folder."""
    for path in sorted(HERE.glob("*.py")):
        if path.name not in ("framework.py", "serve.py"):
            importlib.import_module(f"local_providers.{path.stem}")
    found = [kind(world) for kind in _subclasses(Provider) if kind.source_id]
    return {provider.source_id: provider for provider in found}


def _subclasses(kind: type[Provider]) -> list[type[Provider]]:
    return [each for sub in kind.__subclasses__() for each in (sub, *_subclasses(sub))]
