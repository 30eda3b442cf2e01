"""Our World in Data's energy table: yearly carbon intensity and mix by country, no key needed.

One wide CSV of 130 columns, one row a place and year; the columns here are read by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from flows.sources.bodies import csv_frame
from flows.sources.context import FetchContext
from flows.sources.protocol import Arrival, Limits, Source
from warehouse.errors import ParseError
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table, conform

_ID = "owid"
_LICENCE = (
    "CC BY 4.0 (Our World in Data); figures of Ember CC BY 4.0, of the Energy Institute by its own "
    "terms, which allow use with credit. May be shown and shipped with credit."
)
_FILE = "owid-energy-data.csv"
_MEDIA_TYPES = ("text/csv", "text/plain", "application/octet-stream")
_SHARES = {
    "coal_share_elec": "coal",
    "gas_share_elec": "gas",
    "oil_share_elec": "oil",
    "nuclear_share_elec": "nuclear power",
    "hydro_share_elec": "hydropower",
    "solar_share_elec": "solar power",
    "wind_share_elec": "wind power",
    "biofuel_share_elec": "bioenergy",
    "other_renewables_share_elec_exc_biofuel": "other renewables, bioenergy excluded",
    "low_carbon_share_elec": "nuclear power and renewables",
    "renewables_share_elec": "renewables",
    "fossil_share_elec": "fossil fuels",
}
# The provider's name of each measure, and what it is called here, with its unit.
_MEASURES = {
    "carbon_intensity_elec": "carbon_intensity_elec_gco2e_per_kwh",
    "greenhouse_gas_emissions": "greenhouse_gas_emissions_mtco2e",
    "electricity_generation": "electricity_generation_twh",
    "electricity_demand": "electricity_demand_twh",
    "net_elec_imports_share_demand": "net_elec_imports_share_demand_pct",
    **{name: f"{name}_pct" for name in _SHARES},
}
# Without these the table would say nothing that is used here.
_REQUIRED = ("country", "year", "iso_code", "carbon_intensity_elec", "electricity_generation")

ENERGY = Table(
    "owid_energy",
    "One row per version of the electricity of a country or region in a year",
    (
        Column("country", pl.String, "Country, region or income group", required=True),
        Column("iso_code", pl.String, "ISO 3166-1 alpha-3 code; null for regions and groups"),
        Column("year", pl.Int16, "Year", unit="year", required=True, minimum=1800, maximum=2200),
        Column(
            _MEASURES["carbon_intensity_elec"],
            pl.Float64,
            "Lifecycle emissions of the electricity generated",
            unit="gCO2e/kWh",
            minimum=0.0,
            maximum=3000.0,
        ),
        Column(
            _MEASURES["greenhouse_gas_emissions"],
            pl.Float64,
            "Emissions of electricity generation, in million tonnes of CO2 equivalents",
            unit="MtCO2e",
            minimum=0.0,
        ),
        Column(
            _MEASURES["electricity_generation"],
            pl.Float64,
            "Electricity generated",
            unit="TWh",
            minimum=0.0,
        ),
        Column(_MEASURES["electricity_demand"], pl.Float64, "Demand", unit="TWh", minimum=0.0),
        Column(
            _MEASURES["net_elec_imports_share_demand"],
            pl.Float64,
            "Imports less exports as a share of demand",
            unit="%",
        ),
        *(
            Column(
                _MEASURES[name],
                pl.Float64,
                f"Share of the electricity generated that comes from {words}",
                unit="%",
            )
            for name, words in _SHARES.items()
        ),
    ),
    key=("country", "year"),
    is_versioned=True,
)


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The one file.

    Raises:
        SourceError: it could not be had.
    """
    path = "" if context.base_url.endswith(".csv") else f"/{_FILE}"
    answer = context.http.get_bytes(path, expected=_MEDIA_TYPES)
    yield Fetched(
        body=answer.body,
        name=_FILE,
        media_type=answer.media_type,
        request=answer.request,
        licence=_LICENCE,
    )


def parse(arrival: Arrival) -> Parsed:
    """Electricity by place and year; a row without any of the measures is left out.

    Raises:
        ParseError: it is no such table.
    """
    frame = csv_frame(arrival, _ID)
    if {"column", "unit", "source"} <= set(frame.columns):
        raise ParseError(
            f"this is the codebook that describes the columns; the table {_FILE} was expected",
            source_id=_ID,
            location=arrival.name,
        )
    for name in _REQUIRED:
        if name not in frame.columns:
            raise ParseError(
                f"the column is missing; found: {', '.join(frame.columns)[:300]}",
                source_id=_ID,
                location=arrival.name,
                field=name,
            )
    there = [name for name in _MEASURES if name in frame.columns]
    rows = (
        frame.with_row_index("line", offset=2)
        .filter(pl.any_horizontal(pl.col(there).is_not_null()))
        .select(
            "line", "country", "iso_code", "year", pl.col(there).name.map(_MEASURES.__getitem__)
        )
    )
    location = pl.format("{} line {}", pl.lit(arrival.name), "line")
    good, rejects = conform(rows, ENERGY, location)
    return Parsed({ENERGY.name: good}, rejects)


SOURCE = Source(
    source_id=_ID,
    title="Energy by Our World in Data: yearly electricity mix and carbon intensity",
    publisher="Our World in Data (Global Change Data Lab)",
    homepage_url="https://github.com/owid/energy-data",
    licence=_LICENCE,
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    citation=(
        "Our World in Data, Energy, https://ourworldindata.org/energy, data "
        "https://github.com/owid/energy-data, from Ember (https://ember-energy.org/) and the "
        "Energy Institute's Statistical Review of World Energy "
        "(https://www.energyinst.org/statistical-review), CC BY 4.0."
    ),
    description=(
        "Carbon intensity, generation, demand and mix of electricity by country and year, mostly "
        "since 2000, and for regions and income groups."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(ENERGY,),
    fetch=fetch,
    parse=parse,
    base_url=f"https://owid-public.owid.io/data/energy/{_FILE}",
    base_url_env="JOULEHOUSE_OWID_URL",
    limits=Limits(requests=1, per=timedelta(seconds=1), concurrency=1),
    is_cacheable=True,
    known_faults=(
        "Regions, income groups and the world stand among the countries, without a code; they are "
        "never to be added to them.",
        "The address has moved before (to nyc3.digitaloceanspaces.com, then owid-public.owid.io): "
        "JOULEHOUSE_OWID_URL replaces it.",
        "Blanks are unknown, not zero: carbon intensity begins in 2000 for most countries, "
        "population and others in 1900.",
        "The figures of carbon intensity are Ember's, rounded and later: they are no second "
        "witness.",
        "Shares by other renewables include bioenergy in one column and exclude it in another; "
        "the one that excludes it is read.",
    ),
)
