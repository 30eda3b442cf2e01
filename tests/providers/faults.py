"""What can go wrong with an answer, by switch.

``faults.add("eia", "429", retry_after=1, times=2)`` makes the next two answers of ``eia`` a 429.
A fault applies to requests whose path and query hold ``path_part``; ``times`` is how many requests
it spoils (for ever if None) and ``after`` how many it lets pass before.
"""

from __future__ import annotations

import copy
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

# These stand in the place of the provider's answer.
INSTEAD = frozenset(
    {
        "401", "403", "403_html", "403_text", "404", "429", "429_date", "500", "502_html", "503",
        "redirect", "timeout", "error_200", "html_200", "empty",
    }
)  # fmt: skip
# These change the answer on its way.
ON_THE_WAY = frozenset(
    {
        "reset", "closed", "truncated", "wrong_type", "clock_skew", "no_date", "echo_secrets",
        "slow", "headers", "rate_limit",
    }
)  # fmt: skip
# These change the rows that a provider gives.
IN_ROWS = frozenset(
    {
        "duplicates", "shuffled", "nulls", "renamed", "renamed_some", "new_enum", "dropped",
        "extra_field",
    }
)  # fmt: skip
# Providers may know more, such as "sandbox" or "string_values": they ask ActiveFaults for them.


@dataclass
class Fault:
    """One fault that is on."""

    kind: str
    path_part: str = ""
    times: int | None = None
    after: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    hits: int = 0

    def option(self, name: str, default: Any = None) -> Any:
        return self.options.get(name, default)


class Faults:
    """The faults of every provider."""

    def __init__(self) -> None:
        self._of: dict[str, list[Fault]] = {}
        self._lock = threading.Lock()

    def add(
        self,
        source_id: str,
        kind: str,
        *,
        path_part: str = "",
        times: int | None = None,
        after: int = 0,
        **options: Any,
    ) -> Fault:
        """Switch a fault on; the fault tells how often it was met (``hits``)."""
        fault = Fault(kind, path_part, times, after, options)
        with self._lock:
            self._of.setdefault(source_id, []).append(fault)
        return fault

    def clear(self, source_id: str | None = None) -> None:
        """Switch off every fault, of one provider or of all."""
        with self._lock:
            for each in [source_id] if source_id else list(self._of):
                self._of.pop(each, None)

    def take(self, source_id: str, target: str) -> ActiveFaults:
        """The faults that this request meets; they count it."""
        taken: list[Fault] = []
        with self._lock:
            for fault in self._of.get(source_id, ()):
                if fault.path_part not in target or fault.times == 0:
                    continue
                # One answer can stand in the place of another only once.
                if fault.kind in INSTEAD and any(other.kind in INSTEAD for other in taken):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                fault.hits += 1
                taken.append(fault)
        return ActiveFaults(taken)


class ActiveFaults:
    """The faults of one request."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._faults = list(faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def get(self, kind: str) -> Fault | None:
        """The fault of this kind, if it is on."""
        return next((fault for fault in self._faults if fault.kind == kind), None)

    def instead(self) -> Fault | None:
        """What stands in the place of the answer."""
        return next((fault for fault in self._faults if fault.kind in INSTEAD), None)

    def disturb(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows as a provider with these faults gives them. ``rows`` stay as they are.

        Fields are looked for in nested objects too. Options: ``field`` and for "renamed" ``to``,
        for "new_enum" ``value``; ``every`` says that each so-many-th row is spoilt ("nulls",
        "renamed_some", "new_enum", "dropped", "duplicates").
        """
        faults = [fault for fault in self._faults if fault.kind in IN_ROWS]
        if not faults:
            return list(rows)
        disturbed = [copy.deepcopy(row) for row in rows]
        for fault in faults:
            disturbed = _disturb(disturbed, fault)
        return disturbed


def _disturb(rows: list[dict[str, Any]], fault: Fault) -> list[dict[str, Any]]:
    name = fault.option("field", "")
    every = fault.option("every", 2)
    match fault.kind:
        case "duplicates":
            return [each for n, row in enumerate(rows) for each in [row] * (1 + (n % every == 0))]
        case "dropped":
            return [row for n, row in enumerate(rows) if n % every]
        case "shuffled":
            shuffled = list(rows)
            random.Random(1).shuffle(shuffled)  # noqa: S311 - an order, not a secret
            return shuffled
        case "extra_field":
            return [row | {"added_since": {"nobody": ["knows", 1]}} for row in rows]
    chosen = rows if fault.kind == "renamed" else rows[::every]
    for holder in _holders(chosen, name):
        match fault.kind:
            case "renamed" | "renamed_some":
                holder[fault.option("to", f"{name}_new")] = holder.pop(name)
            case "nulls":
                holder[name] = None
            case "new_enum":
                holder[name] = fault.option("value", "brand-new")
    return rows


def _holders(part: Any, name: str) -> list[dict[str, Any]]:
    """Every object in ``part`` that has a field of this name."""
    if isinstance(part, list):
        return [holder for each in part for holder in _holders(each, name)]
    if not isinstance(part, dict):
        return []
    inner = [holder for each in part.values() for holder in _holders(each, name)]
    return [part, *inner] if name in part else inner
