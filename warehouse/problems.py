"""What is amiss now, as one small file that the watch writes and everybody may read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.files import write_atomically
from warehouse.settings import Settings


@dataclass(frozen=True)
class Problem:
    """One thing that is amiss.

    Attributes:
        key: what it is about, such as ``source:eia``: one alert a key.
        title: what it is, in one line.
        detail: what was found, without secrets.
        remedy: what to do.
        since: when it was noticed, ISO 8601 in UTC.
        told: the channels that were told of it.
    """

    key: str
    title: str
    detail: str
    remedy: str
    since: str = ""
    told: tuple[str, ...] = ()


def read_problems(settings: Settings) -> list[Problem]:
    """The problems of the last watch, oldest first; none if there was no watch yet."""
    try:
        documents = json.loads(_path(settings).read_bytes())
        found = [Problem(**item | {"told": tuple(item["told"])}) for item in documents]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError):
        # Unreadable: the next watch writes it anew, and at worst tells of a problem once more.
        return []
    return sorted(found, key=lambda problem: (problem.since, problem.key))


def write_problems(settings: Settings, problems: Iterable[Problem]) -> None:
    """Replace the file."""
    documents = [asdict(problem) for problem in problems]
    write_atomically(_path(settings), json.dumps(documents, indent=2).encode())


def _path(settings: Settings) -> Path:
    return settings.data_dir / "alerts.json"
