"""Real Time Cloud of the Green Software Foundation: regions of clouds, their zones and figures.

One row a year, provider and region; a blank cell means unknown. The zone keys of Electricity Maps
and of WattTime make it the table that joins a cloud's region to a grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from flows.sources.context import FetchContext
from flows.sources.protocol import Arrival, Source
from flows.sources.static_files import checked, csv_files, csv_rows
from warehouse.errors import ParseError
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table

_ID = "gsf-real-time-cloud"
_LICENCE = (
    "Code: MIT. Data: a Joint Development Foundation notice that grants nothing clearly, and some "
    "columns come from Electricity Maps and WattTime. Use locally with credit; ask before shipping."
)
_FILE = "Cloud_Region_Metadata.csv"
_PLACE = r"^\s*([^,\s]+)\s*,\s*([^,\s]+)\s*$"


def _text(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pl.String, description, required=required)


def _share(name: str, description: str) -> Column:
    return Column(name, pl.Float64, description, unit="1", minimum=0, maximum=1)


def _intensity(name: str, description: str) -> Column:
    return Column(name, pl.Float64, description, unit="gCO2e/kWh", minimum=0, maximum=3000)


REGIONS = Table(
    "gsf_cloud_regions",
    "One row per version of what is said of a cloud region and a year",
    (
        Column("year", pl.Int32, "Calendar year", required=True, minimum=2000, maximum=2100),
        _text("cloud_provider", "Provider as the table names it", required=True),
        _text("cloud_region", "Provider's code of the region", required=True),
        _text("cfe_region", "Name of the grid that the carbon-free share is reckoned in"),
        _text("em_zone_id", "Zone of Electricity Maps"),
        _text("wt_region_id", "Grid region of WattTime"),
        _text("location", "Place in words"),
        Column("latitude_deg", pl.Float64, "Latitude of the place", "deg", minimum=-90, maximum=90),
        Column(
            "longitude_deg", pl.Float64, "Longitude of the place", "deg", minimum=-180, maximum=180
        ),
        _share("provider_cfe_hourly", "Share of carbon-free energy, matched hour by hour"),
        _share("provider_cfe_annual", "Share of carbon-free energy, matched over the year"),
        Column(
            "power_usage_effectiveness",
            pl.Float64,
            "Energy of the building over that of its IT",
            unit="1",
            minimum=1,
            maximum=3,
        ),
        Column(
            "water_usage_effectiveness",
            pl.Float64,
            "Water on site for each kilowatt-hour of IT energy",
            unit="L/kWh",
            minimum=0,
            maximum=10,
        ),
        _intensity(
            "provider_carbon_intensity_market_annual", "Market-based, as the provider states it"
        ),
        _intensity(
            "provider_carbon_intensity_average_consumption_hourly",
            "Location-based, as the provider states it, mean over hours",
        ),
        _intensity(
            "grid_carbon_intensity_average_consumption_annual",
            "Of the zone's consumption, average, by Electricity Maps",
        ),
        _intensity(
            "grid_carbon_intensity_marginal_consumption_annual",
            "Of the next unit consumed in the zone, marginal, by WattTime",
        ),
        _intensity(
            "grid_carbon_intensity_average_production_annual",
            "Of the zone's production, average, by Electricity Maps",
        ),
        _intensity("grid_carbon_intensity", "Older column, of which the table does not say more"),
    ),
    key=("year", "cloud_provider", "cloud_region", "em_zone_id"),
    is_versioned=True,
)


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The one file."""
    return csv_files(context, (_FILE,), ("", "/data"), _LICENCE)


def parse(arrival: Arrival) -> Parsed:
    """One row a year, provider and region, and another where the region stands twice.

    Raises:
        ParseError: it is no CSV, or year, provider or region is missing from all of it.
    """
    frame, cut = csv_rows(arrival, _ID)
    names = {name: name.strip().lower().replace("-", "_") for name in frame.columns}
    if len(set(names.values())) < len(names):
        raise ParseError("a column stands twice", source_id=_ID, location=arrival.name)
    frame = frame.rename(names).drop("latitude_deg", "longitude_deg", strict=False)
    if "geolocation" in frame.columns:
        place = pl.col("geolocation")
        # What is no pair of numbers is kept whole, so that quarantine shows it.
        latitude = pl.coalesce(place.str.extract(_PLACE, 1), place)
        longitude = place.str.extract(_PLACE, 2)
        frame = frame.with_columns(latitude.alias("latitude_deg"), longitude.alias("longitude_deg"))
    return checked(frame, cut, REGIONS)


SOURCE = Source(
    source_id=_ID,
    title="Real Time Cloud: cloud regions, their grid zones and overheads",
    publisher="Green Software Foundation",
    homepage_url="https://github.com/Green-Software-Foundation/real-time-cloud",
    licence=_LICENCE,
    licence_url=(
        "https://github.com/Green-Software-Foundation/real-time-cloud/blob/main/License.md"
    ),
    citation=(
        "Green Software Foundation, Real Time Energy and Carbon Standard for Cloud Providers, "
        "cloud region metadata, https://github.com/Green-Software-Foundation/real-time-cloud; "
        "with data of Electricity Maps, https://www.electricitymaps.com/, and WattTime, "
        "https://watttime.org/."
    ),
    description=(
        "Regions of Amazon Web Services, Google Cloud and Microsoft Azure from 2019 on: zone keys "
        "of Electricity Maps and WattTime, power and water usage effectiveness, carbon-free share, "
        "and carbon intensities by place and by market."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(REGIONS,),
    fetch=fetch,
    parse=parse,
    base_url=("https://raw.githubusercontent.com/Green-Software-Foundation/real-time-cloud/main"),
    base_url_env="JOULEHOUSE_GSF_REAL_TIME_CLOUD_URL",
    is_cacheable=True,
    known_faults=(
        "northeurope of Microsoft Azure stands twice in 2022 and in 2023: as Ireland, which it is, "
        "and as Finland.",
        "The market-based intensity of providers is 0.0 wherever it is given (251 rows of 373).",
        "Years differ by provider: Azure ends in 2023, Amazon Web Services and Google Cloud in "
        "2024; six columns of energy and water totals are empty throughout.",
        'The place is one cell, "lat,lon" with stray blanks, and is missing in 119 rows.',
        "16 rows have no zone of Electricity Maps and 7 no region of WattTime.",
    ),
)
