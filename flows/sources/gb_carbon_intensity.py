"""GB Carbon Intensity: half-hourly intensity of Great Britain, actual and forecast.

https://carbon-intensity.github.io/api-definitions: national actuals since September 2017,
forecasts 48 hours ahead, and forecasts for 17 regions. Instants are UTC and start an interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import polars as pl

from flows.sources.bodies import csv_frame, json_object
from flows.sources.context import FetchContext
from flows.sources.grid_rows import (
    ABSENT,
    frame_of,
    intensities,
    minutes_between,
    parsed,
    require_field,
    undated_forecasts,
)
from flows.sources.grid_tables import GRID_INTENSITIES, GRID_UNDATED_FORECASTS
from flows.sources.http import Answer
from flows.sources.protocol import Arrival, Limits, Source
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Covered, Fetched
from warehouse.tables import Parsed

_LICENCE = (
    "CC BY 4.0; credit: National Energy System Operator Carbon Intensity API. May be shown and "
    "shipped."
)
_NATIONAL = "GB"
_REGION_PREFIX = "GB-region-"
_REGION_COUNT = 17
_FIELDS = ("provider_zone", "from", "to", "forecast", "actual")
_BASIS = {
    "intensity_basis": "average",
    "emission_factor_scope": "direct",
    "flow_basis": "consumption",
}


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """History of each zone from its watermark on, then the forecast of the next 48 hours."""

    def fetch_zone(zone: str) -> Iterator[Fetched]:
        if zone == _NATIONAL:
            yield from _fetch_history(context)
        if not context.is_backfill:
            yield _fetch_forecast(context, zone)

    yield from context.each(context.zones, fetch_zone)


def _fetch_history(context: FetchContext) -> Iterator[Fetched]:
    for span in context.spans(_NATIONAL):
        begin, end = _minute(span.start_at), _minute(span.end_at)
        answer = context.http.get_json(f"/intensity/{begin}/{end}", headers=_ACCEPT)
        _refuse_error(answer)
        yield _fetched(answer, "intensity.json", covers=Covered(_NATIONAL, span))


def _fetch_forecast(context: FetchContext, zone: str) -> Fetched:
    begin = _minute(context.as_of)
    if zone == _NATIONAL:
        path, name = f"/intensity/{begin}/fw48h", "forecast.json"
    else:
        region = zone.removeprefix(_REGION_PREFIX)
        path = f"/regional/intensity/{begin}/fw48h/regionid/{region}"
        name = f"forecast_region_{region}.json"
    answer = context.http.get_json(path, headers=_ACCEPT)
    _refuse_error(answer)
    return _fetched(answer, name)


_ACCEPT = {"Accept": "application/json"}


def _minute(instant: datetime) -> str:
    """The provider's form of an instant, without seconds."""
    return f"{instant:%Y-%m-%dT%H:%MZ}"


def _fetched(answer: Answer, name: str, *, covers: Covered | None = None) -> Fetched:
    return Fetched(
        body=answer.body,
        name=name,
        media_type=answer.media_type,
        request=answer.request,
        licence=_LICENCE,
        covers=covers,
    )


def _refuse_error(answer: Answer) -> None:
    document = answer.json()
    if isinstance(document, dict) and "error" in document and "data" not in document:
        raise SourceError(
            f"gb-carbon-intensity: {answer.request} was answered with an error: "
            f"{_shown(document['error'])}; rows under 'data' were expected.",
            remedy="It is tried again at the next run.",
        )


def _shown(value: object) -> str:
    return orjson.dumps(value).decode()[:200]


def parse(arrival: Arrival) -> Parsed:
    """National and regional answers, and the national table as CSV.

    An actual becomes an intensity, a null one nothing. A forecast is kept where its half-hour
    had not begun when the body was fetched; that of a past half-hour stays in the landed body.

    Raises:
        ParseError: an error, another kind of answer (factors, generation mix, statistics), or
            rows without ``from``, ``to`` or ``intensity``.
    """
    is_csv = arrival.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"[", b"")
    records = _csv_records(arrival) if is_csv else _json_records(arrival)
    is_national = any(row.get("provider_zone") == _NATIONAL for row in records)
    for name in ("from", "to", "forecast", *(("actual",) if is_national else ())):
        require_field(records, name, SOURCE.source_id, arrival.name)
    absent = {"forecast": ABSENT, **({"actual": ABSENT} if is_national else {})}
    records = [{**absent, **record} for record in records]
    frame = frame_of(records, _FIELDS, _BASIS).with_columns(
        pl.col("from").alias("interval_start_at"),
        pl.col("from").alias("target_at"),
        minutes_between("from", "to").alias("interval_minutes"),
    )
    return parsed(
        [intensities(frame, "actual"), undated_forecasts(frame, "forecast", arrival.fetched_at)]
    )


def _csv_records(arrival: Arrival) -> list[dict[str, Any]]:
    table = csv_frame(arrival, SOURCE.source_id)
    return [{"provider_zone": _NATIONAL, **row} for row in table.to_dicts()]


def _json_records(arrival: Arrival) -> list[dict[str, Any]]:
    document = json_object(arrival, SOURCE.source_id)
    if "data" not in document:
        reason = _shown(document["error"]) if "error" in document else "the field 'data' is missing"
        raise _unusable(arrival, reason)
    data = document["data"]
    if not isinstance(data, dict | list):
        raise _unusable(arrival, "'data' is neither a list nor an object")
    entries = data if isinstance(data, list) else [data]
    records: list[dict[str, Any]] = []
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("regions"), list):
            records += [
                _record({**region, "from": entry.get("from"), "to": entry.get("to")})
                if isinstance(region, dict)
                else {"provider_zone": None}
                for region in entry["regions"]
            ]
        elif isinstance(entry, dict) and isinstance(entry.get("data"), list):
            zone = _region(entry)
            records += [_record(row, zone) for row in entry["data"]]
        else:
            records.append(_record(entry))
    if records and not any("intensity" in row for row in records):
        found = ", ".join(map(str, list(entries[0])[:20])) if isinstance(entries[0], dict) else ""
        raise _unusable(arrival, f"no row holds 'intensity'; found: {found or 'nothing'}")
    return records


def _record(row: object, zone: str | None = None) -> dict[str, Any]:
    """One row made flat; what is no object becomes a row that quarantine refuses."""
    if not isinstance(row, dict):
        return {"provider_zone": zone or _NATIONAL, "forecast": None, "actual": _shown(row)}
    intensity = row.get("intensity")
    flat: dict[str, Any] = {name: row[name] for name in ("from", "to") if name in row}
    flat["provider_zone"] = zone or (_region(row) if "regionid" in row else _NATIONAL)
    if "intensity" in row:
        flat["intensity"] = True
    if isinstance(intensity, dict):
        flat |= {name: intensity[name] for name in ("forecast", "actual") if name in intensity}
    elif "intensity" in row:
        flat |= {"forecast": None, "actual": None if intensity is None else _shown(intensity)}
    return flat


def _region(row: Mapping[str, Any]) -> str | None:
    region = row.get("regionid")
    is_number = isinstance(region, int | str) and not isinstance(region, bool)
    return f"{_REGION_PREFIX}{region}" if is_number and str(region).strip() else None


def _unusable(arrival: Arrival, reason: str) -> ParseError:
    return ParseError(
        f"intensities in half-hours were expected: {reason}",
        source_id=SOURCE.source_id,
        location=arrival.name,
    )


SOURCE = Source(
    source_id="gb-carbon-intensity",
    title="GB Carbon Intensity: Great Britain's intensity and its forecast, half-hourly",
    publisher="National Energy System Operator (NESO), with WWF, EDF and the University of Oxford",
    homepage_url="https://carbonintensity.org.uk",
    licence=_LICENCE,
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    citation=(
        "National Energy System Operator, Carbon Intensity API, https://carbonintensity.org.uk, "
        "CC BY 4.0."
    ),
    description=(
        "Carbon intensity of the electricity consumed in Great Britain, in half-hours since "
        "September 2017, and its forecast 48 hours ahead; forecasts of 17 regions on request "
        "(zones GB-region-1 to GB-region-17). Operational emissions, imports included with one "
        "factor a country; not lifecycle."
    ),
    cadence=timedelta(minutes=30),
    parser_version=1,
    tables=(GRID_INTENSITIES, GRID_UNDATED_FORECASTS),
    fetch=fetch,
    parse=parse,
    base_url="https://api.carbonintensity.org.uk",
    base_url_env="JOULEHOUSE_GB_CARBON_INTENSITY_URL",
    limits=Limits(requests=4, per=timedelta(seconds=1), concurrency=2),
    zones=(_NATIONAL, *(f"{_REGION_PREFIX}{number}" for number in range(1, _REGION_COUNT + 1))),
    default_zones=(_NATIONAL,),
    chunk=timedelta(days=14),
    known_faults=(
        "The newest actual is null for up to an hour, and gaps stay: of 2023's 17,520 half-hours "
        "17,430 have one. A gap stays a gap.",
        "The actual is itself an estimate, from metered generation and fixed factors (coal 937, "
        "combined-cycle gas 394, biomass 120 g/kWh): it is operational, so that nuclear, wind and "
        "solar count as zero, and each importing country has a single factor.",
        "Forecasts carry no issue time: only those of half-hours still to come are stored, under "
        "the time of fetching. The forecast beside a past actual stays in the landed body.",
        "An answer may begin one half-hour before the instant asked for and includes the one it "
        "ends with, so that neighbouring requests overlap.",
        "Regions have forecasts only; no measurement of a region is published.",
    ),
)
