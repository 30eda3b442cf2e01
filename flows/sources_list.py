"""``joulehouse sources``: every source, where it is asked, whether its key is set, when it is next.

No key is ever shown: only the name of its variable and whether that is set.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from flows.schedules import iso_duration, next_run_at
from flows.selection import key_state
from flows.source_states import History, state_of
from flows.sources.protocol import Source
from flows.sources.registry import SOURCES
from flows.status import row_counts
from flows.urls import without_secrets
from warehouse.environment import read_variable
from warehouse.journal import Journal
from warehouse.settings import Settings

# A package archive has no address of its own: pip's configuration says where it comes from.
_INDEX = "pip's index"

# A source without a provider has neither an address nor a rhythm.
_BY_IMPORT = "by import"

_SHOWN = (
    *("source_id", "state", "cadence", "last_success_at", "next_run_at", "row_count"),
    *("quarantined_count", "key_env", "key_state", "base_url_env", "base_url"),
)


def print_sources(settings: Settings, *, as_json: bool) -> None:
    """Print what :func:`list_sources` finds."""
    rows = list_sources(settings, datetime.now(UTC))
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = 250
    table = Table(title="sources", title_justify="left", header_style="bold")
    for name in _SHOWN:
        is_number = name.endswith("_count")
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(name, row[name]) for name in _SHOWN))
    console.print(table)
    for row in rows:
        if row["key_state"] == "missing":
            source = SOURCES[row["source_id"]]
            names = " and ".join(name for name in (source.key_env, *source.login_env) if name)
            console.print(f"{source.source_id} is left out: it needs {names}.")


def list_sources(settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """One row per registered source, ready for JSON; instants are ISO 8601 texts in UTC.

    ``cadence`` is an ISO 8601 duration; ``base_url`` is the address in effect, without user,
    password and query; both are ``by import`` for a source that has no provider;
    ``last_success_at`` and ``lag_s`` are null before the first success; ``next_run_at`` is null
    where the schedules leave the source out; the counts are those of the published build; ``state``
    is ``off`` (left out by the settings), ``paused`` (its circuit is open), ``never``, or what the
    newest run made of it: loaded, unchanged, partial, failed, no_key.
    """
    history = History.of(Journal(settings).records())
    counts = row_counts(settings)
    return [_row(settings, source, history, counts, now) for source in SOURCES.values()]


def _row(
    settings: Settings,
    source: Source,
    history: History,
    counts: dict[str, dict[str, int]],
    now: datetime,
) -> dict[str, Any]:
    source_id = source.source_id
    last = history.succeeded_at.get(source_id)
    following = next_run_at(settings, source, last, now)
    count = counts.get(source_id, {})
    return {
        "source_id": source_id,
        "base_url": shown_base_url(settings, source),
        "base_url_env": source.base_url_env,
        "key_env": source.key_env,
        "key_state": key_state(source, settings),
        "licence": source.licence,
        "citation": source.citation,
        "cadence": _BY_IMPORT if source.is_import_only else iso_duration(source.cadence),
        "last_success_at": last.isoformat() if last else None,
        "row_count": count.get("row_count", 0),
        "quarantined_count": count.get("quarantined_count", 0),
        "lag_s": round((now - last).total_seconds(), 1) if last else None,
        "next_run_at": following.isoformat() if following else None,
        "state": state_of(settings, source_id, history, now),
    }


def shown_base_url(settings: Settings, source: Source) -> str:
    """The address in effect, without what may be secret in it."""
    if source.is_import_only:
        return _BY_IMPORT
    chosen = read_variable(settings, source.base_url_env) or source.base_url
    return without_secrets(chosen) or _INDEX


def _cell(name: str, value: object) -> str:
    if value is None:
        return "–"
    if name.endswith("_at"):
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M}"
    return f"{value:,}" if isinstance(value, int) else str(value)
