"""What the text of a card states, each with the line that says so and how sure that is.

Rules, not a model: the same text gives the same rows, and each can be checked against its quote.
A labelled line (``Hours used: 23``) counts for more than running text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flows.sources import huggingface_patterns as patterns
from flows.sources.huggingface_tables import LONGEST_SPAN
from flows.sources.huggingface_values import GRAMS, is_placeholder, read_number

LABELLED, RUNNING, DOUBTFUL = 0.9, 0.6, 0.3
_MOST_STATEMENTS = 60
_LONGEST_LINE = 2000
_HIGHEST = 1e15
_LONGEST_NAME = 160
_MOST_WORDS = 6


@dataclass(frozen=True)
class Statement:
    """One statement. ``value`` is in ``unit``; ``unit_text`` is the unit as written."""

    kind: str
    value: float | None
    unit: str | None
    unit_text: str | None
    text: str | None
    quote: str
    offset: int
    confidence: float


def find_statements(text: str, begin: int = 0) -> list[Statement]:
    """The statements of a card's text from ``begin`` on, in order, code blocks left out."""
    found: list[Statement] = []
    for offset, line in _lines(text, begin):
        found += _in_line(line, offset)
        if len(found) >= _MOST_STATEMENTS:
            break
    return found[:_MOST_STATEMENTS]


def _lines(text: str, begin: int) -> Iterator[tuple[int, str]]:
    offset, is_code = begin, False
    for line in text[begin:].splitlines(keepends=True):
        if re.match(r"\s*(```|~~~)", line):
            is_code = not is_code
        elif not is_code and line.strip():
            yield offset, line[:_LONGEST_LINE].rstrip()
        offset += len(line)


def _in_line(line: str, offset: int) -> list[Statement]:
    label = patterns.LINE.match(line)
    kind = _kind_of(label["label"]) if label else None
    found = _Finder(line, offset, kind)
    if label is not None and kind is not None:
        if is_placeholder(label["value"].strip("[]*_` ")):
            return []
        value = label["value"].rstrip(" \t*_`|")
        found.labelled(kind, label["label"], value, label.start("value"))
    found.figures()
    return found.statements


def _kind_of(label: str) -> str | None:
    plain = re.sub(r"\s*\([^)]*\)?|[*_`]", " ", label)
    plain = " ".join(plain.split()).strip(" .-")
    return next(
        (kind for kind, pattern in patterns.LABEL_KINDS if plain and pattern.fullmatch(plain)), None
    )


class _Finder:
    """Collects the statements of one line; no two of them share a character."""

    def __init__(self, line: str, offset: int, kind: str | None) -> None:
        self._line = line
        self._offset = offset
        self._kind = kind
        self._taken: list[tuple[int, int]] = []
        self._is_about_training = patterns.ABOUT_TRAINING.search(line) is not None or (
            patterns.DURATION.search(line) is not None
            and patterns.HARDWARE.search(line) is not None
        )
        self._is_doubtful = patterns.NOT_TRAINING.search(line) is not None
        self.statements: list[Statement] = []

    def labelled(self, kind: str, label: str, value: str, start: int) -> None:
        """What a label says of its value: a name, or a number whose unit the label gives."""
        if kind in ("hardware", "region", "cloud_provider"):
            name = _name_in(value, kind)
            if name:
                self._add(kind, (start, start + len(name)), LABELLED, text=name)
            return
        if kind == "emissions" and (mass := patterns.MASS.match(value)):
            span = (start + mass.start("number"), start + mass.end("unit"))
            factor = GRAMS[mass["unit"].lower()]
            self._measure(
                *("emissions", span, mass["number"], factor, "gCO2e", mass["unit"], LABELLED)
            )
        bare = patterns.BARE_NUMBER.match(value)
        if bare is None:
            return
        unit = patterns.UNIT_IN_LABEL.search(label)
        span = (start + bare.start("number"), start + bare.end("number"))
        number = bare["number"]
        if kind == "pue":
            self._measure("pue", span, number, 1.0, "1", None, LABELLED)
        elif kind == "duration" and unit and unit["hours"]:
            self._measure("duration", span, number, 1.0, "h", unit["hours"], LABELLED)
        elif kind == "energy" and unit and unit["energy"]:
            factor = patterns.ENERGY_KWH[unit["energy"].lower()]
            self._measure("energy", span, number, factor, "kWh", unit["energy"], LABELLED)
        elif kind == "emissions" and unit and (mass_unit := unit["grams"] or unit["mass"]):
            factor = GRAMS[mass_unit.lower()]
            self._measure("emissions", span, number, factor, "gCO2e", mass_unit, LABELLED)

    def figures(self) -> None:
        """Numbers with a unit of their own, wherever in the line they stand."""
        self._intensities()
        self._emissions()
        self._energies()
        self._durations()
        for match in patterns.PUE.finditer(self._line):
            self._measure("pue", match.span("number"), match["number"], 1.0, "1", None, LABELLED)
        if self._kind != "hardware" and self._is_about_training:
            for match in patterns.HARDWARE.finditer(self._line):
                name = match[0].strip(" -")
                self._add("hardware", match.span(), self._confidence("hardware"), text=name)

    def _intensities(self) -> None:
        for match in patterns.INTENSITY.finditer(self._line):
            factor = 1e3 if match["unit"].lower() == "kg" else 1.0
            self._measure(
                *("carbon_intensity", match.span(), match["number"], factor, "gCO2e/kWh"),
                *(match["unit"], self._confidence("carbon_intensity")),
            )

    def _emissions(self) -> None:
        for match in patterns.EMISSIONS.finditer(self._line):
            end = match.start("place") - 1 if match["place"] else match.end()
            factor = GRAMS[match["unit"].lower()]
            is_new = self._measure(
                *("emissions", (match.start(), end), match["number"], factor, "gCO2e"),
                *(match["unit"], self._confidence("emissions")),
            )
            place = (match["place"] or "").strip()
            if is_new and place[:1].isupper() and not re.search(r"\b(?:eq|est|total)", place, re.I):
                self._add("region", match.span("place"), 0.8, text=place)

    def _energies(self) -> None:
        for match in patterns.ENERGY.finditer(self._line):
            # MWh is megawatt-hours whatever its case; MJ and GJ are no words in small letters.
            factor = patterns.ENERGY_KWH[match["unit"].lower()]
            self._measure(
                *("energy", match.span(), match["number"], factor, "kWh", match["unit"]),
                self._confidence("energy"),
            )

    def _durations(self) -> None:
        for match in patterns.DEVICE_HOURS.finditer(self._line):
            factor = patterns.MULTIPLES.get((match["multiple"] or "").lower(), 1.0)
            self._measure(
                *("device_hours", match.span(), match["number"], factor, "h", match["unit"]),
                self._confidence("duration"),
            )
        is_stated = self._kind in ("duration", "hardware") or self._is_about_training
        for match in patterns.CLOCK.finditer(self._line) if is_stated else ():
            hours = int(match["hours"] or match["clock_hours"])
            minutes = int(match["minutes"] or match["clock_minutes"])
            value = hours + minutes / 60 + int(match["seconds"] or 0) / 3600
            sure = self._confidence("duration")
            self._add("duration", match.span(), sure, value=value, unit="h", unit_text="h:min")
        for match in patterns.DURATION.finditer(self._line):
            if not is_stated or patterns.NOT_HOURS.match(self._line, match.start("unit")):
                continue
            unit = match["unit"].lower().rstrip("s")
            factor = patterns.HOURS[unit]
            self._measure(
                *("duration", match.span(), match["number"], factor, "h", match["unit"]),
                self._confidence("duration"),
            )

    def _confidence(self, kind: str) -> float:
        if self._is_doubtful:
            return DOUBTFUL
        if self._kind == kind or (kind == "duration" and self._kind == "hardware"):
            return LABELLED
        return RUNNING if self._is_about_training else 0.5

    def _measure(
        self,
        kind: str,
        span: tuple[int, int],
        number: str,
        factor: float,
        unit: str,
        unit_text: str | None,
        confidence: float,
    ) -> bool:
        value, is_grouped = read_number(number)
        if value is None or value < 0 or value * factor > _HIGHEST:
            return False
        # A comma before three digits may also stand before decimals.
        sure = confidence - 0.1 if is_grouped and number.count(",") == 1 else confidence
        return self._add(kind, span, sure, value=value * factor, unit=unit, unit_text=unit_text)

    def _add(
        self,
        kind: str,
        span: tuple[int, int],
        confidence: float,
        *,
        value: float | None = None,
        unit: str | None = None,
        unit_text: str | None = None,
        text: str | None = None,
    ) -> bool:
        if any(start < span[1] and span[0] < end for start, end in self._taken):
            return False
        if kind not in ("hardware", "region", "cloud_provider") or self._kind != kind:
            self._taken.append(span)
        quote = " ".join(self._line.split())
        if len(quote) > LONGEST_SPAN:
            start = max(0, span[0] - LONGEST_SPAN // 3)
            quote = " ".join(self._line[start : start + LONGEST_SPAN].split())
        self.statements.append(
            Statement(
                *(kind, value, unit, unit_text, text, quote),
                *(self._offset + span[0], round(confidence, 2)),
            )
        )
        return True


def _name_in(value: str, kind: str) -> str | None:
    """A name without what follows it in brackets or after a full stop."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", value).strip(" *_`|")
    if kind != "hardware":
        text = re.split(r"\s*[(;]|\.\s|\s\|", text, maxsplit=1)[0].strip(" *_`|")
    else:
        text = re.split(r"\s*;|\.\s|\s\|", text, maxsplit=1)[0].strip()
    is_name = 1 < len(text) <= _LONGEST_NAME and re.search(r"[A-Za-z]", text)
    if patterns.NO_NAME.match(text) or (kind != "hardware" and len(text.split()) > _MOST_WORDS):
        return None
    return text if is_name and not is_placeholder(text) else None
