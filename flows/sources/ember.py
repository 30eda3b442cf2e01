"""Ember: carbon intensity of electricity by country, year and month.

The API gives JSON; the tables of the service before it were CSV files of one row a country and
year (or month), which can still be imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl

from flows.sources.bodies import csv_frame, json_object, member, text_frame
from flows.sources.context import FetchContext
from flows.sources.http import Answer
from flows.sources.http_errors import AccessError
from flows.sources.protocol import Arrival, Limits, Source
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table, conform, rejects_of

_ID = "ember"
_LICENCE = "CC BY 4.0 (Ember). May be shown and shipped with credit."
_RESOLUTIONS = {"yearly": "year", "monthly": "month"}
_MEASURE = "emissions_intensity_gco2_per_kwh"
_DATE = r"^(\d{4})(-\d{2})?(-\d{2})?$"

CARBON_INTENSITY = Table(
    "ember_carbon_intensity",
    "One row per version of the carbon intensity of a country or group in a year or month",
    (
        Column("entity", pl.String, "Country or group, in Ember's words", required=True),
        Column("entity_code", pl.String, "ISO 3166-1 alpha-3 code; null for a group"),
        Column(
            "is_aggregate_entity",
            pl.Boolean,
            "Whether it is a group of countries; null where the provider does not say",
        ),
        Column(
            "period_kind",
            pl.String,
            "Length of the period",
            required=True,
            allowed=tuple(_RESOLUTIONS.values()),
        ),
        Column("period_start_date", pl.Date, "First day of the period", required=True),
        Column(
            _MEASURE,
            pl.Float64,
            "Lifecycle emissions of the electricity generated, in CO2 equivalents",
            unit="gCO2e/kWh",
            required=True,
            minimum=0.0,
            maximum=3000.0,
        ),
    ),
    key=("entity", "period_kind", "period_start_date"),
    is_versioned=True,
)


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """Carbon intensity of everything there is, by year and by month: two requests.

    Raises:
        SourceError: an answer could not be had.
    """
    version = "" if re.search(r"/v\d+$", context.base_url) else "/v1"
    for resolution in _RESOLUTIONS:
        answer = _ask(context, f"{version}/carbon-intensity/{resolution}")
        yield Fetched(
            body=answer.body,
            name=f"carbon-intensity-{resolution}.json",
            media_type=answer.media_type,
            request=answer.request,
            licence=_LICENCE,
            about={"resolution": resolution},
        )


def _ask(context: FetchContext, path: str) -> Answer:
    try:
        answer = context.http.get_json(
            path, {"start_date": "2000"}, secret_params={"api_key": context.key or ""}
        )
    except AccessError as error:
        # A missing or unknown key is answered with 403.
        raise AccessError(error.message, remedy=error.remedy, is_about_the_key=True) from None
    document = answer.json()
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        return answer
    raise SourceError(
        context.http.scrub(
            f"{_ID}: {answer.request}: an object with a list data was expected, "
            f"{str(document)[:200]} came."
        ),
        remedy="It is tried again at the next run.",
        is_transient=True,
    )


def parse(arrival: Arrival) -> Parsed:
    """Carbon intensity by country and period; a figure that is not given makes no row.

    Raises:
        ParseError: it is neither the API's answer nor one of the old tables.
    """
    is_json = arrival.body.lstrip()[:1] in (b"{", b"[")
    rows = (_answered(arrival) if is_json else _tabled(arrival)).with_row_index("row")
    location = pl.format("{} row {}", pl.lit(arrival.name), "row")
    # A null is a figure that is not given; a row without the field is a fault.
    given = rows.filter(
        ~pl.col("is_told") | (pl.col(_MEASURE).fill_null("").str.strip_chars() != "")
    )
    date = pl.col("date").str.strip_chars()
    parts = [date.str.extract(_DATE, group) for group in (1, 2, 3)]
    first_day = pl.concat_str(parts[0], parts[1].fill_null("-01"), parts[2].fill_null("-01"))
    placed = given.with_columns(
        first_day.str.to_date("%Y-%m-%d", strict=False).alias("period_start_date")
    )
    is_unread = pl.col("period_start_date").is_null() & pl.col("date").is_not_null()
    unread = rejects_of(
        placed.filter(is_unread),
        table=CARBON_INTENSITY.name,
        location=location,
        column="period_start_date",
        value=pl.col("date"),
        reason="cannot be read as a year or a day",
    )
    good, bad = conform(placed.filter(~is_unread), CARBON_INTENSITY, location)
    return Parsed({CARBON_INTENSITY.name: good}, pl.concat([unread, bad]))


def _answered(arrival: Arrival) -> pl.DataFrame:
    """Rows of the API's answer, as text."""
    rows: list[Any] = member(json_object(arrival, _ID), "data", list, _ID)
    for name in ("entity", "date", _MEASURE) if rows else ():
        if not any(isinstance(row, dict) and name in row for row in rows):
            raise _missing(name, rows[0], arrival)
    names = ("entity", "entity_code", "is_aggregate_entity", "date", _MEASURE)
    # A year is given as "2023" and a month as "2023-01-01", so that an imported file tells too.
    by_date = (
        pl.when(pl.col("date").str.contains(r"^\s*\d{4}\s*$"))
        .then(pl.lit("year"))
        .otherwise(pl.lit("month"))
    )
    asked = _RESOLUTIONS.get(arrival.about.get("resolution", ""))
    is_told = [isinstance(row, dict) and _MEASURE in row for row in rows]
    return text_frame(rows, names).with_columns(
        pl.Series("is_told", is_told, pl.Boolean),
        (pl.lit(asked) if asked else by_date).alias("period_kind"),
    )


def _tabled(arrival: Arrival) -> pl.DataFrame:
    """Rows of a table of the old service, as text."""
    frame = csv_frame(arrival, _ID)
    kinds = {"year": "year", "date": "month"}
    kind = next((name for name in kinds if name in frame.columns), None)
    for name in ("country_or_region", _MEASURE):
        if name not in frame.columns:
            raise _missing(name, frame.columns, arrival)
    if kind is None:
        raise _missing("year", frame.columns, arrival)
    return frame.select(
        pl.col("country_or_region").alias("entity"),
        (pl.col("country_code") if "country_code" in frame.columns else pl.lit(None))
        .cast(pl.String)
        .alias("entity_code"),
        pl.lit(None, pl.String).alias("is_aggregate_entity"),
        pl.col(kind).alias("date"),
        pl.col(_MEASURE),
        pl.lit(kinds[kind]).alias("period_kind"),
        pl.lit(True).alias("is_told"),
    )


def _missing(name: str, found: object, arrival: Arrival) -> ParseError:
    names = ", ".join(map(str, found)) if isinstance(found, dict | list) else str(found)
    return ParseError(
        f"the field is missing from every row; found: {names[:300]}",
        source_id=_ID,
        location=arrival.name,
        field=name,
    )


SOURCE = Source(
    source_id=_ID,
    title="Carbon intensity of electricity by country, yearly and monthly",
    publisher="Ember",
    homepage_url="https://ember-energy.org/data/",
    licence=_LICENCE,
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    citation=(
        "Ember, Yearly and Monthly Electricity Data, carbon intensity, https://ember-energy.org/, "
        "through the API https://api.ember-energy.org/v1/docs, CC BY 4.0."
    ),
    description=(
        "Average lifecycle carbon intensity of the electricity generated, for some 215 countries "
        "and for groups of them, by year since 2000 and by month for most since 2018 or earlier."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(CARBON_INTENSITY,),
    fetch=fetch,
    parse=parse,
    base_url="https://api.ember-energy.org/v1",
    base_url_env="JOULEHOUSE_EMBER_URL",
    key_env="EMBER_API_KEY",
    is_key_required=True,
    limits=Limits(requests=1, per=timedelta(seconds=1), concurrency=1),
    # The key is in the query, and a cache of answers would keep the whole address.
    is_cacheable=False,
    known_faults=(
        "The column is named CO2 but counts CO2 equivalents over the life cycle.",
        "Groups (World, EU, Africa) stand among the countries, without a code; they are never to "
        "be added to them.",
        "It is the intensity of what a country generates: imports are not in it.",
        "The old tables do not say which rows are groups, and end in 2024.",
        "The last year is an estimate from monthly data and is revised.",
    ),
)
