"""Google Cloud's regions: carbon-free share and grid intensity, one CSV file a year from 2019 on.

The year stands in the file's name alone. Carbon intensity is that of the grid (location-based).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import polars as pl

from flows.sources.context import FetchContext
from flows.sources.http_errors import NotFoundError
from flows.sources.protocol import Arrival, Limits, Source
from flows.sources.static_files import ROW, ask_csv, checked, csv_rows
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table

_ID = "google-region-carbon"
_LICENCE = "Apache-2.0 (Google). May be shown and shipped with the licence and credit."
_FIRST_YEAR = 2019
_FOLDERS = ("/data/yearly", "", "/yearly")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_NAMES = {
    "google cloud region": "google_cloud_region",
    "location": "location",
    "google cfe": "google_cfe",
    "google cfe%": "google_cfe",
    "grid carbon intensity (gco2eq / kwh)": "grid_carbon_intensity",
    "lifecycle grid carbon intensity (gco2eq / kwh)": "grid_carbon_intensity",
}

REGIONS = Table(
    "google_region_carbon",
    "One row per version of what Google says of a region and a year",
    (
        Column("year", pl.Int32, "Calendar year", required=True, minimum=2000, maximum=2100),
        Column("google_cloud_region", pl.String, "Google's code of the region", required=True),
        Column("location", pl.String, "Place as Google names it"),
        Column(
            "google_cfe",
            pl.Float64,
            "Share of carbon-free energy, mean over the hours of the year; blank where unknown",
            unit="1",
            minimum=0,
            maximum=1,
        ),
        Column(
            "grid_carbon_intensity",
            pl.Float64,
            "Mean carbon intensity of the region's grid",
            unit="gCO2e/kWh",
            minimum=0,
            maximum=3000,
        ),
        Column(
            "is_lifecycle",
            pl.Boolean,
            "Whether the file calls the intensity a lifecycle one; later files do not say",
            required=True,
        ),
    ),
    key=("year", "google_cloud_region"),
    is_versioned=True,
)


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """Every year's file. A year without one is an error only before the newest that has one.

    Raises:
        SourceError: files are missing, or none was found.
    """
    years = range(_FIRST_YEAR, context.as_of.year + 1)
    absent: dict[int, NotFoundError] = {}
    failures: list[SourceError] = []
    folders: tuple[str, ...] = _FOLDERS
    newest = 0
    for year in years:
        try:
            answer = ask_csv(context, f"{year}.csv", folders)
        except NotFoundError as error:
            absent[year] = error
            continue
        except SourceError as error:
            failures.append(error)
            continue
        newest = year
        if len(folders) > 1:
            folders = tuple(f for f in _FOLDERS if answer.request.endswith(f"{f}/{year}.csv"))[:1]
        yield Fetched(
            body=answer.body,
            name=f"{year}.csv",
            media_type=answer.media_type,
            request=answer.request,
            licence=_LICENCE,
            about={"year": str(year)},
        )
    failures += [error for year, error in absent.items() if year < newest or newest == 0]
    if failures:
        raise failures[0]


def parse(arrival: Arrival) -> Parsed:
    """One row a region.

    Raises:
        ParseError: it is no CSV, a column is missing, or the year is not known.
    """
    year = arrival.about.get("year") or about_file(arrival.name).get("year")
    if not year:
        raise ParseError(
            "the year is not known: the body does not say it, and the file's name was expected to "
            "be such as 2024.csv",
            source_id=_ID,
            location=arrival.name,
            field="year",
        )
    frame, cut = csv_rows(arrival, _ID)
    names = {column: " ".join(column.lower().split()) for column in frame.columns}
    known = {column: _NAMES[name] for column, name in names.items() if name in _NAMES}
    for needed in ("google_cloud_region", "grid_carbon_intensity"):
        if needed not in known.values():
            raise ParseError(
                f"the column is missing; found: {', '.join(frame.columns)[:300]}",
                source_id=_ID,
                location=arrival.name,
                field=needed,
            )
    chosen = {name: column for column, name in known.items()}
    is_lifecycle = names[chosen["grid_carbon_intensity"]].startswith("lifecycle")
    rows = frame.select(
        *(pl.col(column).alias(name) for name, column in chosen.items()),
        pl.lit(year).alias("year"),
        pl.lit(is_lifecycle).alias("is_lifecycle"),
        pl.col(ROW),
    )
    return checked(rows, cut, REGIONS)


def about_file(name: str) -> Mapping[str, str]:
    """The year in a file's name, such as ``2024.csv``."""
    years = _YEAR.findall(name.replace("\\", "/").rpartition("/")[2])
    return {"year": years[-1]} if years else {}


SOURCE = Source(
    source_id=_ID,
    title="Google Cloud: carbon-free energy and grid intensity by region",
    publisher="Google",
    homepage_url="https://github.com/GoogleCloudPlatform/region-carbon-info",
    licence=_LICENCE,
    licence_url="https://www.apache.org/licenses/LICENSE-2.0",
    citation=(
        "Google Cloud, Carbon free energy for Google Cloud regions, "
        "https://github.com/GoogleCloudPlatform/region-carbon-info and "
        "https://cloud.google.com/sustainability/region-carbon."
    ),
    description=(
        "For each region of Google Cloud and each year from 2019 on, the share of carbon-free "
        "energy and the mean carbon intensity of the grid that it draws from."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(REGIONS,),
    fetch=fetch,
    parse=parse,
    base_url=("https://raw.githubusercontent.com/GoogleCloudPlatform/region-carbon-info/main"),
    base_url_env="JOULEHOUSE_GOOGLE_REGION_CARBON_URL",
    limits=Limits(requests=4, concurrency=1),
    is_cacheable=True,
    about_file=about_file,
    known_faults=(
        "The column of intensity is called lifecycle in 2019 and has no such word later; whether "
        "the method changed is not said.",
        "The carbon-free share is blank for 8 of 24 regions in 2019 and for 3 of 34 in 2021; "
        "blank means unknown, not zero.",
        "Neighbouring regions share one figure: europe-west3 and europe-west10, us-east4 and "
        "us-east5, europe-west8 and europe-west12 in 2023 and 2024.",
        "Names of places change from file to file: Montreal and Montréal, Sao Paulo, São Paulo and "
        "Sāo Paulo, Netherlands and Eemshaven.",
        "asia-east2 (Hong Kong) rises from 360 gCO2eq/kWh in 2023 to 505 in 2024, and its "
        "carbon-free share falls from 0.28 to 0.01: the method or the grid area changed.",
    ),
)
