"""A model's README.md: its front matter, well formed or not, and what its text states."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl
import yaml

from flows.sources.huggingface_models import emission_rows
from flows.sources.huggingface_names import named_in
from flows.sources.huggingface_statements import Statement, find_statements
from flows.sources.huggingface_tables import (
    CARDS,
    EMISSIONS,
    EXTRACTOR_VERSION,
    STATEMENTS,
    frame_of,
)
from flows.sources.huggingface_values import declared_in
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError
from warehouse.tables import Parsed, conform

_LONGEST_TEXT = 1_000_000
_LONGEST_FRONT = 200_000
_FENCE = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_BLOCK = re.compile(
    r"^(?P<indent>[ \t]*)co2[_\- ]eq[_\- ]emissions[ \t]*:[ \t]*(?P<inline>[^\r\n]*)"
    r"(?P<lines>(?:\r?\n(?!---).*){0,12})",
    re.MULTILINE | re.IGNORECASE,
)
_PAIR = re.compile(r"^[ \t]*-?[ \t]*(?P<key>[A-Za-z_][\w \-]*?)[ \t]*:[ \t]*(?P<value>.*?)[ \t]*$")
_BLOCK_KEYS = re.compile(
    r"emissions?|source|training[ _\-]type|geographical[ _\-]location|hardware[ _\-]used|units?",
    re.IGNORECASE,
)
# An anchor that is repeated can make a small text a huge document.
_ANCHOR = re.compile(r"(?:^|[\s\[{,:-])&\w")


@dataclass(frozen=True)
class _Front:
    state: str
    metadata: dict[Any, Any]
    end: int


def parse_card(arrival: Arrival) -> Parsed:
    """The card's row, what its front matter declares, and what its text states.

    Raises:
        ParseError: it is no text, or nothing says whose card it is.
    """
    state = arrival.about.get("state", "read")
    text = _text(arrival)
    front = _front_matter(text)
    model_id = arrival.about.get("model") or named_in(front.metadata, text[front.end :])
    if not model_id:
        raise ParseError(
            "whose card this is cannot be known: name the file ORG__NAME.README.md",
            source_id="huggingface",
            location=arrival.name,
            field="model",
        )
    location = f"{arrival.name} {model_id}"
    emissions = emission_rows(model_id, "readme", declared_in(front.metadata), location)
    found = find_statements(text, front.end) if state == "read" else []
    card = (
        model_id,
        arrival.about.get("sha"),
        state,
        front.state if state == "read" else None,
        str(len(text)),
        str(len(emissions)),
        str(len(found)),
        str(EXTRACTOR_VERSION),
        location,
    )
    statements = [_row(model_id, i, one, location) for i, one in enumerate(found)]
    return Parsed.collect(
        [
            (table.name, conform(frame_of(table, rows), table, pl.col("location")))
            for table, rows in ((CARDS, [card]), (EMISSIONS, emissions), (STATEMENTS, statements))
        ]
    )


def _text(arrival: Arrival) -> str:
    start = arrival.body[:200].lstrip().lower()
    if b"\x00" in arrival.body or start.startswith((b"<!doctype html", b"<html")):
        raise ParseError(
            "a card in Markdown was expected",
            source_id="huggingface",
            location=arrival.name,
            value=arrival.body[:120].decode(errors="replace"),
        )
    return arrival.body.decode("utf-8-sig", errors="replace")[:_LONGEST_TEXT]


def _front_matter(text: str) -> _Front:
    """The block between the first two lines of three dashes, if it is one."""
    fences = list(_FENCE.finditer(text, 0, _LONGEST_FRONT))[:8]
    is_first = bool(fences) and not text[: fences[0].start()].strip()
    for opening, closing in pairwise(fences):
        block = text[opening.end() : closing.start()]
        if not is_first and not _BLOCK.search(block):
            continue
        state = "ok" if opening.start() == 0 and is_first else "late"
        metadata = _read_yaml(block)
        if metadata is None:
            return _Front("broken", _salvaged(block), closing.end())
        return _Front(state, metadata, closing.end())
    if is_first and (block := text[fences[0].end() :][:_LONGEST_FRONT]) and _BLOCK.search(block):
        # It was never closed: the Hub sees no front matter, and the text begins we know not where.
        return _Front("broken", _salvaged(block), fences[0].end())
    return _Front("absent", {}, 0)


def _read_yaml(block: str) -> dict[Any, Any] | None:
    if _ANCHOR.search(block):
        return None
    try:
        document = yaml.load(block, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, AttributeError):
        return None
    if document is None:
        return {}
    return document if isinstance(document, dict) else None


def _salvaged(block: str) -> dict[Any, Any]:
    """The declaration out of a front matter that is no YAML, line by line."""
    match = _BLOCK.search(block)
    if match is None:
        return {}
    record: dict[str, str] = {}
    for line in match["lines"].splitlines():
        pair = _PAIR.match(line.replace("\t", "  "))
        if pair is None or not _BLOCK_KEYS.fullmatch(pair["key"]):
            if line.strip():
                break
            continue
        record[pair["key"]] = _unquoted(pair["value"])
    inline = _unquoted(match["inline"])
    return {"co2_eq_emissions": record or inline or {}}


def _unquoted(text: str) -> str:
    return re.sub(r"\s+#.*$", "", text).strip().strip("\"'")


def _row(model_id: str, index: int, one: Statement, location: str) -> tuple[str | None, ...]:
    return (
        model_id,
        str(index),
        one.kind,
        None if one.value is None else repr(one.value),
        one.unit,
        one.unit_text,
        one.text,
        one.quote,
        str(one.offset),
        repr(one.confidence),
        str(EXTRACTOR_VERSION),
        location,
    )
