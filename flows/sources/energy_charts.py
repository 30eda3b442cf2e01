"""Energy-Charts (Fraunhofer ISE): intensity with its forecast, and generation, for Europe.

``/co2eq`` gives two to three days of intensity; ``/public_power`` gives generation of any time.
Instants start an interval of 15 to 60 minutes. https://api.energy-charts.info
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import polars as pl

from flows.sources.bodies import json_object
from flows.sources.context import FetchContext
from flows.sources.energy_charts_bodies import Columns, read_columns
from flows.sources.grid_rows import (
    Part,
    checked,
    intensities,
    interval_lengths,
    parsed,
    undated_forecasts,
)
from flows.sources.grid_tables import GRID_GENERATION, GRID_INTENSITIES, GRID_UNDATED_FORECASTS
from flows.sources.http import Answer
from flows.sources.http_errors import NotFoundError
from flows.sources.protocol import Arrival, Limits, Source
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Covered, Fetched
from warehouse.tables import Parsed, no_rejects, rejects_of

_LICENCE = (
    "CC BY 4.0; credit: Energy-Charts / Fraunhofer ISE (www.energy-charts.info). May be shown and "
    "shipped."
)
_ZONES = (
    *("al", "am", "at", "az", "ba", "be", "bg", "by", "ch", "cy", "cz", "de", "dk", "ee", "es"),
    *("fi", "fr", "ge", "gr", "hr", "hu", "ie", "it", "lt", "lu", "lv", "md", "me", "mk", "mt"),
    *("nie", "nl", "no", "pl", "pt", "ro", "rs", "ru", "se", "si", "sk", "tr", "ua", "uk", "xk"),
)
_DEFAULT_ZONES = (
    *("at", "be", "bg", "ch", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hr", "hu", "it"),
    *("lt", "lv", "nl", "no", "pl", "pt", "ro", "rs", "se", "si", "sk"),
)
_MINUTES = (5, 10, 15, 20, 30, 60)
# What /public_power lists beside production: demand, balances, shares in per cent, stocks. An
# unknown name is kept as a production type, so that a new fuel is not lost.
_NOT_PRODUCTION = frozenset(
    {
        "load",
        "load (incl. self-consumption)",
        "residual load",
        "renewable share of generation",
        "renewable share of load",
        "cross border electricity trading",
        "cross-border electricity trading",
        "import balance",
        "system inertia",
        "battery storage (capacity)",
    }
)
_BASIS = {
    "intensity_basis": "average",
    "emission_factor_scope": "lifecycle",
    "flow_basis": "production",
}


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """For each zone the intensity around now, then the generation from its watermark on.

    Raises:
        SourceError: zones failed, or the provider has nothing for any of them.
    """
    without: dict[str, SourceError] = {}

    def fetch_zone(zone: str) -> Iterator[Fetched]:
        failures: list[SourceError] = []
        for path, params, covers in _requests(context, zone):
            try:
                yield _fetch(context, path, params, covers)
            except SourceError as error:
                if _is_empty(error):
                    without[zone] = error
                    continue
                failures.append(error)
                if covers is not None:
                    # What is newer would make it look as if the piece that failed had come too.
                    break
        if failures:
            raise failures[0]

    is_empty = True
    for fetched in context.each(context.zones, fetch_zone):
        is_empty = False
        yield fetched
    if is_empty and without:
        raise next(iter(without.values()))


def _requests(
    context: FetchContext, zone: str
) -> Iterator[tuple[str, dict[str, str], Covered | None]]:
    """What to ask of a zone: path, parameters, and what the answer will cover."""
    if not context.is_backfill:
        yield "/co2eq", {"country": zone}, None
    for span in context.spans(zone):
        begin, end = (f"{at:%Y-%m-%dT%H:%MZ}" for at in (span.start_at, span.end_at))
        params = {"country": zone, "start": begin, "end": end}
        yield "/public_power", params, Covered(zone, span)


def _is_empty(error: SourceError) -> bool:
    """Whether the provider only says that it has nothing for this country and time."""
    is_said = re.search(r"no content", error.message, re.IGNORECASE) is not None
    return isinstance(error, NotFoundError) and is_said


def _fetch(
    context: FetchContext,
    path: str,
    params: Mapping[str, str],
    covers: Covered | None,
) -> Fetched:
    answer = context.http.get_json(path, params)
    _refuse_error(answer)
    return Fetched(
        body=answer.body,
        name=f"{path[1:]}_{params['country']}.json",
        media_type=answer.media_type,
        request=answer.request,
        licence=_LICENCE,
        about={"country": params["country"]},
        covers=covers,
    )


def _refuse_error(answer: Answer) -> None:
    document = answer.json()
    if not isinstance(document, dict) or not {"unix_seconds", "data"} & set(document):
        raise SourceError(
            f"energy-charts: {answer.request} was answered with "
            f"{answer.body[:200].decode(errors='replace')}; an object with 'unix_seconds' or "
            "'data' was expected.",
            remedy="It is tried again at the next run.",
        )


def parse(arrival: Arrival) -> Parsed:
    """``/co2eq`` and ``/public_power`` answers, in the form of version 1 or 2.

    Nulls (still to come, not reported) give no row. A forecast is kept where its interval had not
    begun when the body was fetched; demand, balances and shares are no production and left out.

    Raises:
        ParseError: neither of the two, of an unknown country, or arrays of different lengths.
    """
    document = json_object(arrival, SOURCE.source_id)
    columns = read_columns(document, SOURCE.source_id, arrival.name)
    zone = _zone(arrival, columns.country)
    axis = _axis(columns).with_columns(pl.lit(zone).alias("provider_zone"))
    if columns.is_co2eq:
        return _intensities(arrival, columns, axis)
    return parsed([_generation(columns, axis)])


def _zone(arrival: Arrival, in_body: str | None) -> str:
    """The country asked for, which the body names in version 2 only."""
    asked = (arrival.about.get("country") or "").casefold()
    given = (in_body or "").casefold()
    given = given if given in _ZONES else ""
    if asked and given and asked != given:
        raise ParseError(
            f"country {asked!r} was asked for",
            source_id=SOURCE.source_id,
            location=arrival.name,
            field="country",
            value=given,
        )
    if not (asked or given):
        raise ParseError(
            "the body does not say its country: name the file after it, such as de.json",
            source_id=SOURCE.source_id,
            location=arrival.name,
            field="country",
        )
    return asked or given


def about_file(name: str) -> dict[str, str]:
    """The country in a file's name, such as ``de.json`` or ``public_power_fr_2024.json``."""
    words = re.findall(r"[a-z]+", name.rsplit("/", 1)[-1].rsplit(".", 1)[0].casefold())
    return next(({"country": word} for word in words if word in _ZONES), {})


def _axis(columns: Columns) -> pl.DataFrame:
    """One row an instant, with the length of its interval; typed where every instant is good."""
    axis = pl.DataFrame({"interval_start_at": columns.instants}).with_row_index("row")
    typed = axis["interval_start_at"].str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    lengths = interval_lengths(typed, _MINUTES)
    if columns.interval_minutes is not None:
        minutes = pl.lit(columns.interval_minutes, dtype=pl.Int32)
        lengths = lengths.with_columns(minutes.alias("interval_minutes"))
    joined = (
        axis.with_columns(typed.alias("__typed"))
        .join(lengths, left_on="__typed", right_on="interval_start_at", how="left")
        .sort("row")
    )
    if not typed.has_nulls():
        joined = joined.with_columns(pl.col("__typed").alias("interval_start_at"))
    return joined.drop("__typed")


def _intensities(arrival: Arrival, columns: Columns, axis: pl.DataFrame) -> Parsed:
    constants = [pl.lit(value).alias(name) for name, value in _BASIS.items()]
    frame = axis.with_columns(*constants, pl.col("interval_start_at").alias("target_at"))
    frame = frame.with_columns(columns.values["co2eq"].alias("actual"))
    parts: list[Part] = [intensities(frame, "actual")]
    if "co2eq_forecast" in columns.values:
        frame = frame.with_columns(columns.values["co2eq_forecast"].alias("forecast"))
        parts.append(undated_forecasts(frame, "forecast", arrival.fetched_at))
        return parsed(parts)
    rejects = rejects_of(
        pl.DataFrame({"found": [", ".join(columns.names)]}),
        table=GRID_UNDATED_FORECASTS.name,
        location=pl.lit(arrival.name),
        column="co2eq_forecast",
        value=pl.col("found"),
        reason="the field is missing from the body; these were found",
    )
    good = parsed(parts)
    return Parsed(frames=good.frames, rejects=pl.concat([good.rejects, rejects]))


def _generation(columns: Columns, axis: pl.DataFrame) -> Part:
    """Every production type's values below one another."""
    kept = {name: values for name, values in columns.values.items() if _is_production(name)}
    if not kept or axis.is_empty():
        return GRID_GENERATION.name, (pl.DataFrame(schema=GRID_GENERATION.schema), no_rejects())
    is_text = any(values.dtype == pl.String for values in kept.values())
    # In one piece: over several, polars 2 panics on the text of a filtered frame.
    long = pl.concat(
        (
            axis.with_columns(
                pl.lit(name).alias("production_type"),
                values.cast(pl.String if is_text else pl.Float64).alias("generation_mw"),
            )
            for name, values in kept.items()
        ),
        rechunk=True,
    ).filter(pl.col("generation_mw").is_not_null())
    return checked(long, GRID_GENERATION, pl.format("{} row {}", "production_type", "row"))


def _is_production(name: str) -> bool:
    words = " ".join(name.casefold().replace("_", " ").split())
    return words not in _NOT_PRODUCTION and " share of " not in f" {words} "


SOURCE = Source(
    source_id="energy-charts",
    title="Energy-Charts: intensity with forecast, and generation, of European countries",
    publisher="Fraunhofer Institute for Solar Energy Systems ISE",
    homepage_url="https://www.energy-charts.info",
    licence=_LICENCE,
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    citation="Energy-Charts, Fraunhofer ISE, https://www.energy-charts.info, CC BY 4.0.",
    description=(
        "Lifecycle carbon intensity of public net generation, around now and forecast a day "
        "ahead, and net generation by production type with its history, in intervals of 15 to 60 "
        "minutes, for the countries of Europe."
    ),
    cadence=timedelta(minutes=60),
    parser_version=1,
    tables=(GRID_INTENSITIES, GRID_UNDATED_FORECASTS, GRID_GENERATION),
    fetch=fetch,
    parse=parse,
    base_url="https://api.energy-charts.info",
    base_url_env="JOULEHOUSE_ENERGY_CHARTS_URL",
    limits=Limits(requests=1, per=timedelta(seconds=1), concurrency=1),
    zones=_ZONES,
    default_zones=_DEFAULT_ZONES,
    chunk=timedelta(days=90),
    about_file=about_file,
    known_faults=(
        "Intensity: the answer names no scope. It is taken as lifecycle emissions of generation "
        "within the country, because Switzerland, without fossil plants, has 10 to 17 g/kWh in "
        "March 2024, which direct factors (zero) and German imports both exclude.",
        "Intensity is answered for two to three days around now; the history of a backfill is "
        "that of generation, from which intensity is computed with our own factors.",
        "Forecasts carry no issue time: only those of intervals still to come are stored, under "
        "the time of fetching. They may repeat one value for hours (Switzerland, March 2024: "
        "37.7 g/kWh for 13 hours, against actuals of 10 to 17).",
        "Resolution differs: Germany and Austria have quarter-hours, Switzerland and France "
        "hours, and it changed over the years; it is read from the steps between instants.",
        "The newest hours are null for one to three hours (Switzerland: a day) and are revised.",
        "Demand, shares in per cent and trade are listed as production types; they are left out.",
    ),
)
