"""Electricity Maps' answers, versions 3 and 4, to rows: intensity, forecast, production mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from flows.sources.bodies import json_object
from flows.sources.grid_rows import (
    ABSENT,
    Part,
    checked,
    dated_forecasts,
    frame_of,
    intensities,
    parsed,
    require_field,
    undated_forecasts,
)
from flows.sources.grid_tables import GRID_GENERATION
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError
from warehouse.tables import Parsed

SOURCE_ID = "electricity-maps"
_MINUTES = {
    "5_minutes": 5,
    "15_minutes": 15,
    "30_minutes": 30,
    "hourly": 60,
    "daily": 1440,
    "weekly": 10_080,
}
_HOURLY = 60
_MIXES = ("powerProductionBreakdown", "mix")
_INTENSITY_FIELDS = (
    *("zone", "datetime", "carbonIntensity", "updatedAt", "emissionFactorType"),
    *("isEstimated", "estimationMethod", "temporalGranularity"),
)
_UNITS = ("gco2eq/kwh", "gco2e/kwh")
_NOT_MIXED = ("flows", "isEstimated", "estimationMethod", "breakdownType")


def is_sandbox(body: bytes) -> bool:
    """Whether a body holds invented numbers, as keys of the sandbox get them."""
    upper = body.upper()
    return b"SANDBOX_MODE" in upper or b"SANDBOX MODE" in upper


def parse(arrival: Arrival) -> Parsed:
    """Intensity (latest, history, past, past-range, home-assistant), forecast, production mix.

    A null (not reported) gives no row, a zero does. Storage is one production type, what it gave
    less what it took.

    Raises:
        ParseError: invented numbers of the sandbox, an error, a zone that nothing names, another
            signal, a mix of consumption, or a granularity that has no fixed length.
    """
    if is_sandbox(arrival.body):
        raise _unusable(arrival, "the numbers are invented (sandbox key); nothing of it is stored")
    document = json_object(arrival, SOURCE_ID)
    if "countryCode" in document and "status" in document:
        return _home_assistant(arrival, document)
    if isinstance(document.get("forecast"), list):
        return _forecast(arrival, document)
    return _rows(arrival, document)


def _rows(arrival: Arrival, document: Mapping[str, Any]) -> Parsed:
    listed = next((document[name] for name in ("history", "data") if name in document), None)
    if listed is None:
        listed = [document] if "datetime" in document else None
    if not isinstance(listed, list):
        raise _unusable(arrival, _what_else(document))
    rows = [row for row in listed if isinstance(row, dict)]
    if not listed:
        return Parsed()
    mix = next((name for name in _MIXES if any(name in row for row in rows)), None)
    require_field(rows or [{}], mix or "carbonIntensity", SOURCE_ID, arrival.name)
    require_field(rows, "datetime", SOURCE_ID, arrival.name)
    if mix is not None:
        return parsed([_generation(arrival, document, listed, mix)])
    frame = _intensity_frame(arrival, document, listed)
    return parsed([intensities(frame, "carbonIntensity")])


def _intensity_frame(
    arrival: Arrival, document: Mapping[str, Any], rows: Sequence[object]
) -> pl.DataFrame:
    """Rows with our names; what a row does not say is taken from around it.

    A row that is no object keeps its text as the measure, so that quarantine shows it.
    """
    scope = arrival.about.get("emission_factor_scope", "lifecycle")
    around: dict[str, Any] = {
        "zone": _zone(arrival, document),
        "emissionFactorType": document.get("emissionFactorType") or scope,
        "temporalGranularity": document.get("temporalGranularity") or "hourly",
    }
    records = [
        {**around, **_given(row)}
        if isinstance(row, dict)
        else {**around, "carbonIntensity": orjson.dumps(row).decode()}
        for row in rows
    ]
    constants = {"intensity_basis": "average", "flow_basis": "consumption"}
    granularity = pl.col("temporalGranularity")
    return frame_of(records, _INTENSITY_FIELDS, constants).with_columns(
        pl.col("zone").alias("provider_zone"),
        pl.col("datetime").alias("interval_start_at"),
        pl.col("datetime").alias("target_at"),
        granularity.replace({name: str(of) for name, of in _MINUTES.items()}).alias(
            "interval_minutes"
        ),
        pl.col("emissionFactorType").str.to_lowercase().alias("emission_factor_scope"),
        pl.col("isEstimated").alias("is_estimated"),
        pl.col("estimationMethod").alias("estimation_method"),
        pl.col("updatedAt").alias("provider_updated_at"),
    )


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says; a null leaves what stands around it, a missing measure is refused."""
    said = {name: value for name, value in row.items() if value is not None}
    return said if "carbonIntensity" in row else {**said, "carbonIntensity": ABSENT}


def _forecast(arrival: Arrival, document: Mapping[str, Any]) -> Parsed:
    """A forecast, issued when it was updated; undated if the answer does not say when."""
    rows = document["forecast"]
    if not rows:
        return Parsed()
    for name in ("carbonIntensity", "datetime"):
        require_field(rows, name, SOURCE_ID, arrival.name)
    frame = _intensity_frame(arrival, document, rows)
    issued_at = document.get("updatedAt")
    if issued_at is None:
        return parsed([undated_forecasts(frame, "carbonIntensity", arrival.fetched_at)])
    issued = pl.lit(str(issued_at)).alias("issued_at")
    return parsed([dated_forecasts(frame.with_columns(issued), "carbonIntensity")])


def _home_assistant(arrival: Arrival, document: Mapping[str, Any]) -> Parsed:
    data = document.get("data")
    if document["status"] == "no-data":
        return Parsed()
    if document["status"] != "ok" or not isinstance(data, dict):
        raise _unusable(arrival, f"the status is {document['status']!r}, not 'ok' or 'no-data'")
    for name in ("carbonIntensity", "datetime"):
        require_field([data], name, SOURCE_ID, arrival.name)
    units = document.get("units")
    unit = units.get("carbonIntensity") if isinstance(units, dict) else None
    if str(unit).casefold() not in _UNITS:
        raise ParseError(
            "gCO2eq/kWh was expected",
            source_id=SOURCE_ID,
            location=arrival.name,
            field="units.carbonIntensity",
            value=str(unit),
        )
    frame = _intensity_frame(arrival, {"zone": document["countryCode"]}, [data])
    return parsed([intensities(frame, "carbonIntensity")])


def _generation(
    arrival: Arrival, document: Mapping[str, Any], rows: Sequence[object], mix: str
) -> Part:
    zone = _zone(arrival, document)
    records: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        given = row if isinstance(row, dict) else {mix: row}
        if str(given.get("breakdownType", document.get("breakdownType"))) == "flow-traced":
            raise _unusable(arrival, "the mix is flow-traced: of consumption, not of production")
        around = {
            "row": str(number),
            "provider_zone": given.get("zone") or zone,
            "interval_start_at": given.get("datetime"),
            "interval_minutes": _mix_minutes(arrival, given, document),
        }
        sources = given.get(mix)
        if not isinstance(sources, dict):
            text = ABSENT if mix not in given else None if sources is None else _text(sources)
            records += [] if text is None else [{**around, "generation_mw": text}]
            continue
        records += [
            {**around, "production_type": name, "generation_mw": _net(value)}
            for name, value in sources.items()
            if name not in _NOT_MIXED and _net(value) is not None
        ]
    names = ("row", "provider_zone", "interval_start_at", "interval_minutes", "production_type")
    frame = frame_of(records, (*names[1:], "generation_mw"), {}).drop("row")
    frame = frame.with_columns(pl.Series("row", [record["row"] for record in records]))
    return checked(frame, GRID_GENERATION)


def _mix_minutes(arrival: Arrival, row: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    given = row.get("temporalGranularity") or document.get("temporalGranularity") or "hourly"
    unit = str(row.get("unit") or document.get("unit") or "MW")
    minutes = _MINUTES.get(str(given))
    if unit != "MW" or (minutes is not None and minutes > _HOURLY):
        raise _unusable(arrival, f"{given} values in {unit}: mean MW of at most an hour are stored")
    return str(given) if minutes is None else str(minutes)


def _net(value: object) -> object:
    """A value; of a storage what it gave less what it took, null where it reported neither."""
    if not (isinstance(value, dict) and {"charge", "discharge"} & set(value)):
        return value
    parts = [value.get("discharge"), value.get("charge")]
    if all(part is None for part in parts):
        return None
    if not all(part is None or type(part) in (int, float) for part in parts):
        return value
    return (parts[0] or 0) - abs(parts[1] or 0)


def _zone(arrival: Arrival, document: Mapping[str, Any]) -> str:
    zone = document.get("zone") or arrival.about.get("zone")
    if isinstance(zone, str) and zone.strip():
        return zone
    rows: Sequence[Any] = document.get("history") or document.get("data") or ()
    if rows and all(isinstance(row, dict) and row.get("zone") for row in rows):
        return ""
    raise _unusable(arrival, "neither the body nor the request names the zone")


def _what_else(document: Mapping[str, Any]) -> str:
    for name in ("error", "message"):
        if name in document:
            return _text(document[name])
    if document and all(isinstance(it, dict) and "zoneName" in it for it in document.values()):
        return "a list of zones holds no figures"
    return f"found: {', '.join(map(str, list(document)[:20])) or 'nothing'}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()[:200]


def _unusable(arrival: Arrival, reason: str) -> ParseError:
    return ParseError(
        f"intensities, a forecast or a production mix were expected: {reason}",
        source_id=SOURCE_ID,
        location=arrival.name,
    )
