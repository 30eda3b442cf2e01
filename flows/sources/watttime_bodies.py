"""WattTime's answers to rows: history and forecasts of marginal (or average) emission rates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from flows.sources.bodies import json_object, member
from flows.sources.grid_rows import (
    ABSENT,
    dated_forecasts,
    frame_of,
    intensities,
    parsed,
    require_field,
)
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError
from warehouse.tables import Parsed

SOURCE_ID = "watttime"
# 1 lb = 0.45359237 kg exactly (international pound, 1959), and kg/MWh = g/kWh.
_GRAMS_PER_KWH = {
    "lbs_co2_per_mwh": 0.45359237,
    "lb_co2_per_mwh": 0.45359237,
    "kg_co2_per_mwh": 1.0,
    "g_co2_per_kwh": 1.0,
}
# A marginal rate answers to demand in the region; an average one is of its generation.
_BASIS_OF_SIGNAL = {
    "co2_moer": {"intensity_basis": "marginal", "flow_basis": "consumption"},
    "co2_aoer": {"intensity_basis": "average", "flow_basis": "production"},
}
_DEFAULT_PERIOD_S = 300
_FIELDS = ("point_time", "value", "last_updated", "imputed_data_used", "generated_at")


def parse(arrival: Arrival) -> Parsed:
    """Answers of ``/v3/historical``, ``/v3/forecast`` and ``/v3/forecast/historical``.

    Raises:
        ParseError: an error, another kind of answer, a unit that is none of mass per energy (the
            percentile of the index, the money of health damage), or an unknown signal or region.
    """
    document = json_object(arrival, SOURCE_ID)
    if "meta" not in document or not isinstance(document.get("data"), list):
        raise _unusable(arrival, _what_else(document))
    meta = member(document, "meta", dict, SOURCE_ID)
    rows = document["data"]
    factor = _factor(arrival, meta)
    constants = _constants(arrival, meta)
    is_generations = any(isinstance(row, dict) and "forecast" in row for row in rows)
    records = _of_generations(rows) if is_generations else _with_generation(rows, meta)
    for name in ("point_time", "value"):
        require_field(records, name, SOURCE_ID, arrival.name)
    is_forecast = is_generations or meta.get("generated_at") is not None
    if records and not is_forecast and arrival.about.get("form") == "forecast":
        raise ParseError(
            "a forecast must say when it was made",
            source_id=SOURCE_ID,
            location=arrival.name,
            field="meta.generated_at",
        )
    records = [{"value": ABSENT, **record} for record in records]
    number = pl.col("value").str.strip_chars().cast(pl.Float64, strict=False)
    frame = frame_of(records, _FIELDS, constants).with_columns(
        # What is no number stays as it came, to be refused.
        pl.coalesce((number * factor).cast(pl.String), pl.col("value")).alias("value"),
        pl.col("point_time").alias("interval_start_at"),
        pl.col("point_time").alias("target_at"),
        pl.col("generated_at").alias("issued_at"),
        pl.col("imputed_data_used").alias("is_estimated"),
        pl.col("last_updated").alias("provider_updated_at"),
    )
    return parsed([dated_forecasts(frame, "value") if is_forecast else intensities(frame, "value")])


def about_file(name: str) -> dict[str, str]:
    """What a file's name tells: nothing that the body does not say itself."""
    return {"form": "forecast"} if re.match(r"(.*/)?forecast_", name) else {}


def _factor(arrival: Arrival, meta: Mapping[str, Any]) -> float:
    """What turns a value into grams per kWh."""
    unit = str(meta.get("units")).strip().casefold()
    if unit not in _GRAMS_PER_KWH:
        raise ParseError(
            f"a rate of emission was expected ({', '.join(_GRAMS_PER_KWH)}); nothing else is "
            "stored as an intensity",
            source_id=SOURCE_ID,
            location=arrival.name,
            field="meta.units",
            value=str(meta.get("units")),
        )
    return _GRAMS_PER_KWH[unit]


def _constants(arrival: Arrival, meta: Mapping[str, Any]) -> dict[str, str]:
    """What is the same in every row."""
    signal = str(meta.get("signal_type") or arrival.about.get("signal_type"))
    if signal not in _BASIS_OF_SIGNAL:
        raise ParseError(
            f"{' or '.join(_BASIS_OF_SIGNAL)} was expected",
            source_id=SOURCE_ID,
            location=arrival.name,
            field="meta.signal_type",
            value=signal,
        )
    region = meta.get("region") or arrival.about.get("region")
    if not isinstance(region, str) or not region.strip():
        raise _unusable(arrival, "neither the body nor the request names the region")
    model = meta.get("model")
    known = model if isinstance(model, dict) else {}
    period_s = meta.get("data_point_period_seconds", _DEFAULT_PERIOD_S)
    is_whole = type(period_s) is int and period_s > 0 and period_s % 60 == 0
    constants = {
        "provider_zone": region,
        "interval_minutes": str(period_s // 60 if is_whole else period_s),
        "emission_factor_scope": "direct",
        **_BASIS_OF_SIGNAL[signal],
    }
    if known.get("date"):
        constants["signal_model"] = str(known["date"])
    if known.get("type"):
        constants["estimation_method"] = str(known["type"])
    return constants


def _with_generation(rows: Sequence[object], meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    generated_at = meta.get("generated_at")
    return [{"generated_at": generated_at, **_row(row)} for row in rows]


def _of_generations(rows: Sequence[object]) -> list[dict[str, Any]]:
    """The points of every forecast in an answer of ``/v3/forecast/historical``."""
    records: list[dict[str, Any]] = []
    for row in rows:
        points = row.get("forecast") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(points, list):
            records.append(_row(row))
            continue
        made_at = {"generated_at": row.get("generated_at")}
        records += [{**_row(point), **made_at} for point in points]
    return records


def _row(row: object) -> dict[str, Any]:
    """A point; what is no object becomes a row whose value quarantine shows."""
    return row if isinstance(row, dict) else {"value": orjson.dumps(row).decode()}


def _what_else(document: Mapping[str, Any]) -> str:
    for name in ("error", "message", "detail"):
        if name in document:
            value = document[name]
            return value if isinstance(value, str) else orjson.dumps(value).decode()[:200]
    return f"found: {', '.join(map(str, list(document)[:20])) or 'nothing'}"


def _unusable(arrival: Arrival, reason: str) -> ParseError:
    return ParseError(
        f"emission rates under 'data', with 'meta', were expected: {reason}",
        source_id=SOURCE_ID,
        location=arrival.name,
    )
