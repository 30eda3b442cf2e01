"""ENTSO-E's document of generation by production type (A75) as rows of MW.

A document holds time series (one production type, generated or consumed), each of periods with a
start, a resolution and numbered points. Here the structure is walked, once; what the points say is
worked out in columns by ``entsoe_points``.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from xml.parsers import expat

import polars as pl

from flows.sources.entsoe_points import ALL_POINTS, CHANGES_ONLY, SOURCE_ID, Reading, rows_of
from flows.sources.grid_tables import GRID_GENERATION
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError
from warehouse.tables import Parsed

_NO_DATA = "999"
DOCUMENT = "GL_MarketDocument"
ACKNOWLEDGEMENT = "Acknowledgement_MarketDocument"
_SCOPES = frozenset({"TimeSeries", "Period", "Point"})
_PROCESS = "process.processType"
_GENERATED, _CONSUMED = "inBiddingZone_Domain.mRID", "outBiddingZone_Domain.mRID"
_UNIT = "quantity_Measure_Unit.name"
_MINUTES = {"PT15M": 15, "PT30M": 30, "PT60M": 60, "PT1H": 60}
_LONGEST = timedelta(days=400)


def root_name(body: bytes) -> str:
    """The name of the outermost element, without its namespace.

    Raises:
        ParseError: it is no XML.
    """
    walk = _Walk()
    stream = io.BytesIO(body)
    while not walk.root and (piece := stream.read(1024)):
        walk.feed(piece)
    if not walk.root:
        raise ParseError("XML was expected, no element came", source_id=SOURCE_ID)
    return walk.root


def is_no_data(code: str, text: str) -> bool:
    """Whether an acknowledgement says that there is nothing. Errors come with code 999 too."""
    return code == _NO_DATA and (
        not text or re.search("no (matching )?data", text, re.I) is not None
    )


def reason(body: bytes) -> tuple[str, str]:
    """Code and text of an acknowledgement: why there are no data.

    Raises:
        ParseError: it is not whole.
    """
    walk = _Walk()
    walk.feed(body, is_last=True)
    found = walk.document
    return found.get("code", "").strip(), " ".join(found.get("text", "").split())


def parse(arrival: Arrival) -> Parsed:
    """Mean MW by interval and production type.

    Storage is net of what it consumed, so negative while it charges. What other plants consume is
    not subtracted: it is a part of the load.

    Raises:
        ParseError: it is no whole XML, another document than A75 of process A16, an
            acknowledgement of an error, or of another area than was asked for.
    """
    name = root_name(arrival.body)
    if name == ACKNOWLEDGEMENT:
        code, text = reason(arrival.body)
        if is_no_data(code, text):
            return Parsed({GRID_GENERATION.name: pl.DataFrame(schema=GRID_GENERATION.schema)})
        raise ParseError(
            f"an error of the provider: {text or 'without a text'}",
            source_id=SOURCE_ID,
            location=arrival.name,
            field="code",
            value=code,
        )
    if name != DOCUMENT:
        raise ParseError(
            f"{DOCUMENT} with generation by production type was expected",
            source_id=SOURCE_ID,
            location=arrival.name,
            value=name,
        )
    walk = _Walk()
    walk.feed(arrival.body, is_last=True)
    _refuse_other_kinds(walk.document)
    return rows_of(walk.reading, arrival)


class _Walk:
    """One pass over a document, without a tree.

    A tree of two million elements costs ten seconds of memory's housekeeping, and all that is
    needed of an element is its text.
    """

    def __init__(self) -> None:
        self.root = ""
        self.document: dict[str, str] = {}
        self.reading = Reading()
        self._scopes = [self.document]
        self._text: list[str] = []
        self._names: dict[str, str] = {}
        self._periods: list[tuple[dict[str, str], int]] = []
        self._points_before = 0
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._text.append
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse_declaration
        self._parser = parser

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """Read on.

        Raises:
            ParseError: it is no XML, not whole, or of another kind.
        """
        try:
            self._parser.Parse(piece, is_last)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise ParseError(
                f"whole XML was expected: {error}",
                source_id=SOURCE_ID,
                value=piece[:120].decode(errors="replace"),
            ) from error

    def _refuse_declaration(self, *_: object) -> NoReturn:
        # No document of theirs has one, and it could define entities that grow without bound.
        raise ParseError("a document type declaration is not allowed", source_id=SOURCE_ID)

    def _start(self, tag: str, _attributes: object) -> None:
        name = self._names.get(tag) or self._names.setdefault(tag, tag.rpartition("}")[2])
        self._text.clear()
        if name in _SCOPES:
            self._scopes.append({})
            if name == "Period":
                self._points_before = len(self.reading.positions)
        self.root = self.root or name

    def _end(self, tag: str) -> None:
        name = self._names[tag]
        if name not in _SCOPES:
            self._scopes[-1].setdefault(name, "".join(self._text))
        elif name == "Point":
            point = self._scopes.pop()
            self.reading.positions.append(point.get("position"))
            self.reading.quantities.append(point.get("quantity"))
        elif name == "Period":
            count = len(self.reading.positions) - self._points_before
            self._periods.append((self._scopes.pop(), count))
        else:
            _refuse_other_kinds(self.document)
            _note_series(self._scopes.pop(), self._periods, self.reading)
            self._periods.clear()
        self._text.clear()


def _refuse_other_kinds(document: dict[str, str]) -> None:
    """Realised generation by production type is document type A75 of process A16."""
    kind, process = (document.get(name, "").strip() for name in ("type", _PROCESS))
    for name, code, expected in (("type", kind, "A75"), (_PROCESS, process or "A16", "A16")):
        if code != expected:
            raise ParseError(
                f"{expected} was expected: realised generation by production type",
                source_id=SOURCE_ID,
                field=name,
                value=code,
            )


def _note_series(
    series: dict[str, str], periods: list[tuple[dict[str, str], int]], reading: Reading
) -> None:
    """Note the periods of one series, and what is wrong with it as a whole."""
    told = {name: text.strip() or None for name, text in series.items()}
    generated, consumed = told.get(_GENERATED), told.get(_CONSUMED)
    area, psr_type, unit = generated or consumed, told.get("psrType"), told.get(_UNIT)
    curve = told.get("curveType") or ALL_POINTS
    fault: tuple[str | None, ...] = (None, None, None)
    if not area:
        fault = ("provider_zone", None, "required, but empty")
    elif not psr_type:
        fault = ("production_type", None, "required, but empty")
    elif unit != "MAW":
        fault = ("generation_mw", unit, "unit MAW (megawatts) was expected")
    elif curve not in (ALL_POINTS, CHANGES_ONLY):
        fault = ("interval_start_at", curve, "curve type A01 or A03 was expected")
    for period, count in periods:
        reading.point_counts.append(count)
        placed, own_fault = _place(period)
        number = len(reading.periods)
        of_series = (area, psr_type, generated is None, curve)
        reading.periods.append(
            (number, *placed, *of_series, *(fault if fault[2] is not None else own_fault))
        )


def _place(period: dict[str, str]) -> tuple[tuple[object, ...], tuple[str | None, ...]]:
    """Start, minutes and number of intervals of a period; and what is wrong with it."""
    texts = [period.get(name, "").strip() for name in ("start", "end", "resolution")]
    start_at, end_at = _instant(texts[0]), _instant(texts[1])
    minutes = _MINUTES.get(texts[2])
    if start_at is None or end_at is None or not timedelta() < end_at - start_at < _LONGEST:
        return (start_at, minutes, None), (
            "interval_start_at",
            f"{texts[0]} to {texts[1]}",
            "a period with start and end in UTC, of at most 400 days, was expected",
        )
    if minutes is None:
        return (start_at, None, None), (
            "interval_minutes",
            texts[2],
            "PT15M, PT30M or PT60M was expected",
        )
    count = (end_at - start_at) // timedelta(minutes=minutes)
    return (start_at, minutes, count), (None, None, None)


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if instant.tzinfo is None else instant.astimezone(UTC)
