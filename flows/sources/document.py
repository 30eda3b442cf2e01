"""docs/data_sources.md, written from the registry: ``python -m flows.sources.document``.

What stands before and after the generated part is written by hand, and so is what stands between
``<!-- notes -->`` and ``<!-- /notes -->`` in a source's section: both are kept.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from flows.sources.document_imports import imports_path, imports_text
from flows.sources.protocol import Source
from flows.sources.registry import SOURCES
from warehouse.files import write_atomically
from warehouse.settings import get_settings

_BEGIN = "<!-- from the registry: do not edit, run `python -m flows.sources.document` -->"
_END = "<!-- end of what is from the registry -->"
_NOTES = re.compile(r"<!-- notes -->\n(?P<notes>.*?)<!-- /notes -->\n", re.DOTALL)
_URL = re.compile(r"https?://[^\s,;()<>]+[^\s,;()<>.]")
_WIDTH = 100
_MOST_ZONES = 40


def page_path() -> Path:
    """Where the page lies."""
    return get_settings().project_dir / "docs" / "data_sources.md"


def page_text(existing: str) -> str:
    """The page with its generated part made anew.

    Raises:
        ValueError: the marks of the generated part are not there.
    """
    head, begin, rest = existing.partition(_BEGIN)
    old, end, tail = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"the page has no part between {_BEGIN!r} and {_END!r}")
    notes = _notes(old)
    sections = [_section(source, notes.get(source.source_id, "")) for source in SOURCES.values()]
    return f"{head}{_BEGIN}\n\n{_table(SOURCES.values())}\n\n{''.join(sections)}{_END}{tail}"


def every(cadence: timedelta) -> str:
    """A cadence in words: ``every 30 minutes``, ``every day``."""
    minutes = round(cadence.total_seconds() / 60)
    for length, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes % length == 0:
            count = minutes // length
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
    raise ValueError(f"{cadence} is not a number of minutes")


def _notes(text: str) -> Mapping[str, str]:
    """The hand-written notes of each section."""
    found = {}
    for part in text.split("\n## ")[1:]:
        if match := _NOTES.search(part):
            found[part.split("\n", maxsplit=1)[0].strip()] = match["notes"].strip("\n")
    return found


def _table(sources: Iterable[Source]) -> str:
    lines = ["| Source | What it gives | Key | Asked |", "|---|---|---|---|"]
    for source in sources:
        title = source.title.replace("|", "\\|")
        name = f"[{source.source_id}](#{source.source_id})"
        lines.append(f"| {name} | {title} | {_key(source)} | {_asked(source)} |")
    return "\n".join(lines)


def _asked(source: Source) -> str:
    return "by import" if source.is_import_only else every(source.cadence)


def _key(source: Source) -> str:
    if source.key_env is None:
        return "none"
    return "needed" if source.is_key_required else "optional"


def _section(source: Source, notes: str) -> str:
    parts = [
        f"## {source.source_id}",
        _wrapped(
            f"**{source.title}**, {source.publisher}{_address(', ', source.homepage_url)}. "
            f"{source.description}"
        ),
    ]
    if notes:
        parts.append(f"<!-- notes -->\n{notes}\n<!-- /notes -->")
    parts += [
        _wrapped(_access(source)),
        _wrapped(f"Licence: {_linked(source.licence)}{_address(' ', source.licence_url)}"),
        _wrapped(f"Cite: {_linked(source.citation)}"),
        "Raw tables:",
        _list(f"`raw.{table.name}`: {_lower(table.description)}." for table in source.tables),
        "Known faults:",
        _list(_linked(fault) for fault in source.known_faults),
    ]
    return "\n\n".join(parts) + "\n\n"


def _address(before: str, url: str) -> str:
    return f"{before}<{url}>" if url else ""


def _access(source: Source) -> str:
    """Where, how often and with which key it is asked, for which zones and which time."""
    if source.is_import_only:
        return (
            f"Never asked: files come by `joulehouse import {source.source_id} FILE`; "
            "[measurements.md](measurements.md) describes their columns."
        )
    if source.base_url:
        sentences = [
            f"Asked {every(source.cadence)} at <{source.base_url}>; `{source.base_url_env}` names "
            "another address."
        ]
    elif not source.base_url_env:
        sentences = [f"Read {every(source.cadence)} from the files of the repository."]
    else:
        sentences = [
            f"Looked for {every(source.cadence)}: a wheel of a pinned version with a pinned hash, "
            f"by pip; `{source.base_url_env}` names another index."
        ]
    names = " and ".join(f"`{name}`" for name in (source.key_env, *source.login_env) if name)
    if source.key_env is None:
        sentences.append("It needs no key.")
    elif source.is_key_required:
        sentences.append(f"It needs {names}; without, it is left out.")
    else:
        sentences.append(f"It works without a key; {names} raises its limits.")
    sentences.append(_zones(source))
    if source.chunk is not None:
        sentences.append(
            f"The first run reads the last {_days(source.first)}, every later one the last "
            f"{_days(source.reread)} again; `joulehouse backfill {source.source_id}` fills the "
            f"rest, in pieces of {_days(source.chunk)}."
        )
    return " ".join(sentence for sentence in sentences if sentence)


def _zones(source: Source) -> str:
    if not source.zones and not source.default_zones:
        return ""
    chosen = source.default_zones
    shown = ", ".join(chosen[:_MOST_ZONES]) + (" and others" if len(chosen) > _MOST_ZONES else "")
    of_all = f" of {len(source.zones)}" if source.zones else ""
    return (
        f"Zones, unless `JOULEHOUSE_ZONES` chooses others, {len(chosen)}{of_all}: {shown}."
        if chosen
        else f"It knows {len(source.zones)} zones."
    )


def _days(length: timedelta) -> str:
    hours = round(length.total_seconds() / 3600)
    return f"{hours // 24} days" if hours % 24 == 0 and hours > 48 else f"{hours} hours"


def _linked(text: str) -> str:
    return _URL.sub(lambda match: f"<{match[0]}>", text)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _list(items: Iterable[str]) -> str:
    return "\n".join(_wrapped(item, first="- ", rest="  ") for item in items)


def _wrapped(text: str, *, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def main() -> None:
    """Write the page, and the tables of the page on what users import."""
    for path, text_of in ((page_path(), page_text), (imports_path(), imports_text)):
        write_atomically(path, text_of(path.read_text(encoding="utf-8")).encode())


if __name__ == "__main__":
    main()
