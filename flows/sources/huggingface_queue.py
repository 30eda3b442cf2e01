"""Which cards are to be read, and which were: what a run leaves to the next.

A listing names more models than the Hub lets us read cards of in one run. The queue is a cache: if
it is lost, it is made again from the landing area.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flows.sources.context import FetchContext
from flows.sources.huggingface_json import loads
from flows.sources.huggingface_models import is_autotrain, is_readable, model_id_of, version_of

# The order in which cards are read.
BROKEN, OURS, OF_AUTHOR, DECLARING, AUTOTRAINED = range(5)

_MOST_ATTEMPTS = 5
_MODEL_ID = re.compile(r"[\w.\-]{1,96}(/[\w.\-]{1,96})?", re.ASCII)
_SCHEMA = """
create table if not exists cards (
    model_id text primary key,
    wanted text not null,
    had text,
    priority integer not null,
    attempts integer not null default 0
);
create table if not exists lacking (model_id text primary key, asked_at text not null)
"""


class CardQueue:
    """The cards of one data folder."""

    def __init__(self, context: FetchContext) -> None:
        path = context.settings.data_dir / "cache" / "huggingface-cards.sqlite"
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.executescript(_SCHEMA)
        if is_new:
            self._restore(context)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def want(self, records: Iterable[object], priority: int | None = None) -> None:
        """Ask for the cards of models as they are listed.

        ``priority`` None goes by what the Hub could read of the front matter.
        """
        rows = []
        for record in records:
            model_id = model_id_of(record) if isinstance(record, dict) else None
            if model_id and _MODEL_ID.fullmatch(model_id) and isinstance(record, dict):
                order = _priority(record) if priority is None else priority
                rows.append((model_id, version_of(record), order))
        self._connection.executemany(
            """
            insert into cards (model_id, wanted, priority) values (?, ?, ?)
            on conflict (model_id) do update set
                attempts = case when wanted = excluded.wanted then attempts else 0 end,
                wanted = excluded.wanted,
                priority = min(priority, excluded.priority)
            """,
            rows,
        )
        self._connection.commit()

    def take(self, count: int) -> dict[str, str]:
        """The next models whose cards are to be read, with the version wanted.

        One that failed goes behind all that were not tried yet, and after some failures waits
        until its model changes.
        """
        rows = self._connection.execute(
            """
            select model_id, wanted from cards
            where (had is null or had <> wanted) and attempts < ?
            order by attempts, priority, model_id limit ?
            """,
            [_MOST_ATTEMPTS, count],
        ).fetchall()
        return dict(rows)

    def failed(self, model_ids: Iterable[str]) -> None:
        """Note that cards could not be had."""
        self._connection.executemany(
            "update cards set attempts = attempts + 1 where model_id = ?",
            [(model_id,) for model_id in model_ids],
        )
        self._connection.commit()

    def got(self, model_id: str, version: str) -> None:
        """Note that a card was read and kept."""
        self._connection.execute(
            """
            insert into cards (model_id, wanted, had, priority) values (?, ?, ?, ?)
            on conflict (model_id) do update set had = excluded.had, attempts = 0
            """,
            (model_id, version, version, DECLARING),
        )
        self._connection.commit()

    def lacks(self, model_id: str, asked_at: datetime) -> None:
        """Note that the Hub has no such model."""
        self._connection.execute(
            "insert or replace into lacking values (?, ?)", (model_id, asked_at.isoformat())
        )
        self._connection.commit()

    def lacking_since(self, instant: datetime) -> set[str]:
        """Models that the Hub did not have when it was asked, no earlier than ``instant``."""
        rows = self._connection.execute(
            "select model_id from lacking where asked_at >= ?", [instant.isoformat()]
        )
        return {model_id for (model_id,) in rows}

    def waiting(self) -> int:
        """How many cards are still to be read."""
        row = self._connection.execute(
            "select count(*) from cards where had is null or had <> wanted"
        ).fetchone()
        return int(row[0])

    def _restore(self, context: FetchContext) -> None:
        for landed in context.landing.records("huggingface"):
            about = landed.about
            if about.get("kind") == "readme":
                self.got(about.get("model", ""), about.get("sha", ""))
            elif about.get("kind") in ("listing", "model"):
                document = loads(context.landing.read(landed.landed_sha256))
                records = document if isinstance(document, list) else [document]
                self.want(records, _PRIORITIES.get(about.get("of", "")))


_PRIORITIES = {"author": OF_AUTHOR, "named": OURS}


def _priority(record: Mapping[str, Any]) -> int:
    if not is_readable(record):
        return BROKEN
    return AUTOTRAINED if is_autotrain(record) else DECLARING
