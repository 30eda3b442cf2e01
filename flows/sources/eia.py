"""US EIA v2: hourly net generation of each balancing authority by energy source.

A row is one authority, one fuel and one hour in megawatt-hours, which in an hour is the mean in
megawatts. ``period`` names the END of the hour; everything else here is keyed by its start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from flows.sources.bodies import json_object, member, text_frame
from flows.sources.context import FetchContext
from flows.sources.eia_respondents import LARGE, RESPONDENTS
from flows.sources.grid_tables import GRID_GENERATION, INSTANT
from flows.sources.http import Answer
from flows.sources.http_errors import AccessError
from flows.sources.protocol import Arrival, Limits, Source
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Covered, Fetched
from warehouse.spans import Span
from warehouse.tables import Parsed, conform, rejects_of

_ID = "eia"
_LICENCE = (
    "Public domain (work of the United States government). May be shown and shipped; EIA asks to "
    "be named with the date of publication."
)
_PATH = "/electricity/rto/fuel-type-data/data"
_HOUR = timedelta(hours=1)
_PAGE_ROWS = 5000
# Older than this an empty answer is final: the hours were never reported.
_SETTLED = timedelta(days=7)
_REQUIRED = ("period", "respondent", "fueltype", "value")
_UNITS = ("megawatthours", "mwh")
_UTC_HOUR = r"^\d{4}-\d{2}-\d{2}T\d{2}$"
_OFFSET_HOUR = r"^\d{4}-\d{2}-\d{2}T\d{2}[+-]\d{2}(:?\d{2})?$"


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """Generation of the chosen balancing authorities, page by page.

    Raises:
        SourceError: an authority could not be read to its end.
    """

    def fetch_respondent(respondent: str) -> Iterator[Fetched]:
        for span in context.spans(respondent):
            yield from _fetch_span(context, respondent, span)

    yield from context.each(context.zones, fetch_respondent)


def _fetch_span(context: FetchContext, respondent: str, span: Span) -> Iterator[Fetched]:
    """One span of one authority. Only its last page covers it: those before prove nothing."""
    pages = _pages(context, respondent, span)
    for number, (answer, is_last) in enumerate(_with_last(pages), start=1):
        is_nothing = number == 1 and not _rows(answer)
        if is_nothing and span.end_at > context.as_of - _SETTLED:
            return
        yield Fetched(
            body=answer.body,
            name=f"{respondent}-{span.start_at:%Y%m%dT%H}-{number}.json",
            media_type=answer.media_type,
            request=answer.request,
            licence=_LICENCE,
            about={"zone": respondent},
            covers=Covered(respondent, span) if is_last else None,
        )


def _with_last(answers: Iterator[Answer]) -> Iterator[tuple[Answer, bool]]:
    """Each answer, and whether it is the last; those before a failure are given first."""
    held: Answer | None = None
    try:
        for answer in answers:
            if held is not None:
                yield held, False
            held = answer
    except SourceError:
        if held is not None:
            yield held, False
        raise
    if held is not None:
        yield held, True


def _pages(context: FetchContext, respondent: str, span: Span) -> Iterator[Answer]:
    """Answers until as many rows came as the provider says there are."""
    offset = 0
    while True:
        answer = _ask(context, _params(respondent, span, offset))
        count, total = len(_rows(answer)), _total(answer)
        yield answer
        offset += min(count, _PAGE_ROWS)
        if count < _PAGE_ROWS if total is None else offset >= total:
            return
        if not count:
            raise SourceError(
                f"{_ID}: {answer.request}: {total} rows were announced, no more came after "
                f"{offset}.",
                remedy="It is tried again at the next run.",
                is_transient=True,
            )


def _params(respondent: str, span: Span, offset: int) -> dict[str, Any]:
    """The query. An hour that starts in the span ends up to one hour after it."""
    first_hour = span.start_at.replace(minute=0, second=0, microsecond=0)
    last_hour = -(-(span.end_at - first_hour) // _HOUR) * _HOUR + first_hour
    return {
        "frequency": "hourly",
        "data[]": "value",
        "facets[respondent][]": respondent,
        "start": _period(first_hour),
        "end": _period(last_hour),
        "sort[0][column]": "period",
        "sort[0][direction]": "asc",
        "sort[1][column]": "fueltype",
        "sort[1][direction]": "asc",
        "offset": offset,
        "length": _PAGE_ROWS,
    }


def _period(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H}"


def _ask(context: FetchContext, params: Mapping[str, Any]) -> Answer:
    version = "" if re.search(r"/v\d+$", context.base_url) else "/v2"
    try:
        answer = context.http.get_json(
            version + _PATH, params, secret_params={"api_key": context.key or ""}
        )
    except AccessError as error:
        # EIA refuses an unknown or missing key with 403, so that no other request can succeed.
        raise AccessError(error.message, remedy=error.remedy, is_about_the_key=True) from None
    document = answer.json()
    response = document.get("response") if isinstance(document, dict) else None
    if isinstance(response, dict) and isinstance(response.get("data"), list):
        return answer
    said = document.get("error", document) if isinstance(document, dict) else document
    raise SourceError(
        context.http.scrub(
            f"{_ID}: {answer.request}: an object with response.data was expected, "
            f"{str(said)[:200]} came."
        ),
        remedy="It is tried again at the next run.",
    )


def _rows(answer: Answer) -> list[Any]:
    rows: list[Any] = answer.json()["response"]["data"]
    return rows


def _total(answer: Answer) -> int | None:
    """The count of all rows: a number in API 2.0, a text in newer ones."""
    text = str(answer.json()["response"].get("total", "")).strip()
    return int(text) if text.isdecimal() else None


def parse(arrival: Arrival) -> Parsed:
    """Generation in MW by hour and energy source; hours that were not reported give no row.

    Raises:
        ParseError: it is no such answer, its rows are not hourly, or none holds a required field.
    """
    rows = _data(arrival)
    text = text_frame(rows, ("period", "respondent", "fueltype", "value", "value-units"))
    # A null is an hour that was not reported; a row without the field is a fault.
    is_told = [isinstance(row, dict) and "value" in row for row in rows]
    text = text.with_row_index("row").with_columns(pl.Series("is_told", is_told, pl.Boolean))
    is_null = pl.col("is_told") & (pl.col("value").fill_null("").str.strip_chars() == "")
    location = pl.format("{} row {}", pl.lit(arrival.name), "row")
    units = pl.col("value-units").str.strip_chars().str.to_lowercase()
    is_other = units.is_not_null() & ~units.is_in(_UNITS) & ~is_null
    other = rejects_of(
        text.filter(is_other),
        table=GRID_GENERATION.name,
        location=location,
        column="generation_mw",
        value=pl.col("value-units"),
        reason="megawatthours were expected",
    )
    hours = text.filter(~is_other & ~is_null).with_columns(_hour_end().alias("hour_end_at"))
    is_unread = pl.col("hour_end_at").is_null() & pl.col("period").is_not_null()
    unread = rejects_of(
        hours.filter(is_unread),
        table=GRID_GENERATION.name,
        location=location,
        column="interval_start_at",
        value=pl.col("period"),
        reason="cannot be read as an hour such as 2026-01-31T23",
    )
    frame = hours.filter(~is_unread).select(
        "row",
        pl.col("respondent").str.strip_chars().alias("provider_zone"),
        pl.col("hour_end_at").dt.offset_by("-1h").alias("interval_start_at"),
        pl.lit(60, pl.Int32).alias("interval_minutes"),
        pl.col("fueltype").str.strip_chars().alias("production_type"),
        pl.col("value").alias("generation_mw"),
    )
    good, bad = conform(frame, GRID_GENERATION, location)
    return Parsed({GRID_GENERATION.name: good}, pl.concat([other, unread, bad]))


def _data(arrival: Arrival) -> list[Any]:
    document = json_object(arrival, _ID)
    if "response" not in document and "error" in document:
        raise ParseError(
            "an error of the provider, no data",
            source_id=_ID,
            location=arrival.name,
            field="error",
            value=str(document["error"]),
        )
    response = member(document, "response", dict, _ID)
    rows: list[Any] = member(response, "data", list, _ID)
    frequency = str(response.get("frequency", "hourly"))
    if frequency not in ("hourly", "local-hourly"):
        raise ParseError(
            "hourly data were expected", source_id=_ID, field="frequency", value=frequency
        )
    for name in _REQUIRED if rows else ():
        if not any(isinstance(row, dict) and name in row for row in rows):
            found = ", ".join(map(str, rows[0])) if isinstance(rows[0], dict) else "no object"
            raise ParseError(
                f"the field is missing from every row; found: {found}",
                source_id=_ID,
                location=arrival.name,
                field=name,
            )
    return rows


def _hour_end() -> pl.Expr:
    """``period`` in UTC: ``2026-01-31T23``, or local with an offset ``2026-01-31T16-07``."""
    period = pl.col("period").str.strip_chars()
    offset = period.str.slice(13).str.replace(":", "", literal=True) + "0000"
    stamped = (
        pl.when(period.str.contains(_UTC_HOUR))
        .then(period + ":00+0000")
        .when(period.str.contains(_OFFSET_HOUR))
        .then(period.str.slice(0, 13) + ":00" + offset.str.slice(0, 5))
    )
    return stamped.str.to_datetime(
        "%Y-%m-%dT%H:%M%z", time_unit="us", time_zone="UTC", strict=False
    ).cast(INSTANT)


SOURCE = Source(
    source_id=_ID,
    title="Hourly net generation of United States balancing authorities by energy source",
    publisher="US Energy Information Administration",
    homepage_url="https://www.eia.gov/electricity/gridmonitor/",
    licence=_LICENCE,
    licence_url="https://www.eia.gov/about/copyrights_reuse.php",
    citation=(
        "US Energy Information Administration, Hourly Electric Grid Monitor (Form EIA-930), "
        "https://www.eia.gov/electricity/gridmonitor/, through the API https://api.eia.gov/v2/, "
        "with the date of access."
    ),
    description=(
        "Net generation by hour and energy source in the balancing authorities of the United "
        "States since July 2018, and in the lower 48 states together. It gives no carbon "
        "intensity: that is worked out from the mix with emission factors."
    ),
    cadence=timedelta(minutes=60),
    parser_version=1,
    tables=(GRID_GENERATION,),
    fetch=fetch,
    parse=parse,
    base_url="https://api.eia.gov/v2",
    base_url_env="JOULEHOUSE_EIA_URL",
    key_env="EIA_API_KEY",
    is_key_required=True,
    limits=Limits(requests=5, per=timedelta(seconds=1), concurrency=2),
    zones=RESPONDENTS,
    default_zones=LARGE,
    chunk=timedelta(days=30),
    reread=timedelta(hours=72),
    known_faults=(
        "Hours are stamped with their end where other providers stamp the start (APIS.md section "
        "6); they are moved by one hour on reading.",
        "Data come up to a day late and are revised; the last 72 hours are read again each time.",
        "Values may be null (PGE, 2022-10-31T11 in a recorded answer): such an hour has no row.",
        "The count of rows and the values are numbers in API 2.0 and texts since 2.1.6.",
        "Some authorities report pumped storage within WAT, which is then negative at night (SRP); "
        "others use PS. What the hydropower alone gave cannot be told.",
        "Energy sources are few: OTH holds waste and other fuels, COL does not tell lignite from "
        "hard coal, and imports are not in it.",
    ),
)
