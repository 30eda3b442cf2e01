"""The forms in which Energy-Charts answers, as one: an axis of instants and named columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import polars as pl

from flows.sources.bodies import member
from warehouse.errors import ParseError

_LONGEST_INTERVAL_MINUTES = 1440
_LATEST_UNIX_S = 4_102_444_800  # 2100
_MW_PER_UNIT = {"mw": 1.0, "gw": 1000.0}


@dataclass(frozen=True)
class Columns:
    """One answer.

    Attributes:
        instants: the axis as text, in the order of the body.
        values: column name to numbers, or to text where a value is no number.
        names: what the body holds, for messages.
        country: the country in the body; None where it names none.
        interval_minutes: the length of an interval, if the body says so.
    """

    instants: pl.Series
    values: Mapping[str, pl.Series]
    names: Sequence[str]
    country: str | None = None
    interval_minutes: int | None = None

    @property
    def is_co2eq(self) -> bool:
        """Whether it is an answer of ``/co2eq``, not of ``/public_power``."""
        return "co2eq" in self.values


def read_columns(document: Mapping[str, Any], source_id: str, location: str) -> Columns:
    """An answer of version 1 or 2.

    Raises:
        ParseError: it is neither ``/co2eq`` nor ``/public_power``, a required field is missing,
            or a column is not as long as the axis.
    """
    if "series" in document:
        return _second_version(document, source_id, location)
    axis = member(document, "unix_seconds", list, source_id)
    if "production_types" in document:
        types = member(document, "production_types", list, source_id)
        listed = [_named(entry, source_id, location) for entry in types]
    elif "co2eq" in document:
        listed = [
            (name, document[name]) for name in ("co2eq", "co2eq_forecast") if name in document
        ]
    else:
        raise ParseError(
            "'co2eq' or 'production_types' was expected; found: "
            f"{', '.join(map(str, list(document)[:20]))}",
            source_id=source_id,
            location=location,
        )
    for name, values in listed:
        if not isinstance(values, list) or len(values) != len(axis):
            count = len(values) if isinstance(values, list) else type(values).__name__
            raise ParseError(
                f"{len(axis)} values were expected, one an instant; came: {count}",
                source_id=source_id,
                location=location,
                field=name,
            )
    country = document.get("country")
    return Columns(
        instants=_instants(axis),
        values={name: _numbers(name, values) for name, values in listed},
        names=list(document),
        country=country if isinstance(country, str) else None,
    )


def _named(entry: object, source_id: str, location: str) -> tuple[str, Any]:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(name, str) or "data" not in entry:
        raise ParseError(
            "a production type with 'name' and 'data' was expected",
            source_id=source_id,
            location=location,
            field="production_types",
            value=orjson.dumps(entry).decode(),
        )
    return name, entry["data"]


def _second_version(document: Mapping[str, Any], source_id: str, location: str) -> Columns:
    series = member(document, "series", list, source_id)
    rows = member(document, "data", list, source_id)
    if rows and not any(isinstance(row, dict) and "timestamp" in row for row in rows):
        raise ParseError(
            "the field is missing from every row",
            source_id=source_id,
            location=location,
            field="timestamp",
        )
    columns: dict[str, pl.Series] = {}
    for entry in series:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise ParseError(
                "a series with an 'id' was expected",
                source_id=source_id,
                location=location,
                field="series",
                value=orjson.dumps(entry).decode(),
            )
        key = entry["id"]
        is_intensity = key in ("co2eq", "co2eq_forecast")
        name = key if is_intensity else _label(entry)
        unit = str(entry.get("unit") or document.get("unit") or "MW").strip().casefold()
        numbers = _numbers(name, [_value(row, key) for row in rows])
        if is_intensity:
            columns[name] = numbers
        elif unit in _MW_PER_UNIT:
            columns[name] = _scaled(numbers, _MW_PER_UNIT[unit])
        elif unit not in ("%", "percent"):
            raise ParseError(
                "MW, GW or % was expected",
                source_id=source_id,
                location=location,
                field=f"unit of {key}",
                value=unit,
            )
    if not columns and series:
        raise ParseError("no series in MW", source_id=source_id, location=location, field="series")
    timestamps = [row.get("timestamp") if isinstance(row, dict) else None for row in rows]
    country, minutes = document.get("country"), document.get("interval_minutes")
    is_length = type(minutes) is int and 0 < minutes <= _LONGEST_INTERVAL_MINUTES
    return Columns(
        instants=_instants(timestamps),
        values=columns,
        names=list(document),
        country=country if isinstance(country, str) else None,
        interval_minutes=minutes if is_length else None,
    )


def _label(entry: Mapping[str, Any]) -> str:
    name = entry.get("name")
    return name if isinstance(name, str) and name.strip() else str(entry["id"])


def _value(row: object, key: str) -> object:
    values = row.get("values") if isinstance(row, dict) else None
    return values.get(key) if isinstance(values, dict) else None


def _instants(axis: Sequence[object]) -> pl.Series:
    """The axis as text; all at once where it is whole numbers, as it is but for faults."""
    name = "interval_start_at"
    if set(map(type, axis)) == {int}:
        seconds = pl.Series(name, axis, dtype=pl.Int64, strict=False)
        if seconds.null_count() == 0 and seconds.is_between(0, _LATEST_UNIX_S).all():
            return pl.from_epoch(seconds, time_unit="s").dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return pl.Series(name, [_instant(at) for at in axis], dtype=pl.String)


def _instant(at: object) -> str | None:
    """An instant in unix seconds or ISO 8601 as text; anything else as it came."""
    if at is None:
        return None
    text = at if isinstance(at, str) else orjson.dumps(at).decode()
    if isinstance(at, bool):
        return text
    try:
        return datetime.fromtimestamp(float(text), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return text


def _numbers(name: str, values: Sequence[object]) -> pl.Series:
    """Numbers as they are; text for all where one is something else, to be refused by itself."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {int, float}:
        return pl.Series(name, values, dtype=pl.Float64, strict=False)
    texts = [
        value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
        for value in values
    ]
    return pl.Series(name, texts, dtype=pl.String)


def _scaled(numbers: pl.Series, factor: float) -> pl.Series:
    """Numbers times a factor; what is no number stays as it is, to be refused."""
    if factor == 1.0:
        return numbers
    scaled = numbers.cast(pl.Float64, strict=False) * factor
    if numbers.dtype != pl.String:
        return scaled
    return scaled.cast(pl.String).zip_with(scaled.is_not_null(), numbers)
