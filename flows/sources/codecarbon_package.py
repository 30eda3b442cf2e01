"""CodeCarbon's data files: country mixes, regional and cloud intensities, CPU powers.

Each file has its own unit and basis; ``raw`` keeps the unit beside the number, staging converts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl

from flows.sources.archives import Archive, text_frame
from flows.sources.codecarbon_tables import (
    CLOUD_REGIONS,
    COUNTRY_MIXES,
    CPU_POWERS,
    FUEL_INTENSITIES,
    REGIONAL_INTENSITIES,
    REGIONAL_MIXES,
)
from flows.sources.context import FetchContext
from flows.sources.packages import Package, fetch_package
from flows.sources.protocol import Source, reading_bytes
from warehouse.landing import Fetched
from warehouse.tables import Parsed, Table, conform

PACKAGE = Package(
    name="codecarbon",
    version="3.3.2",
    sha256="05b31dea9dd26ed1e90947973c9ef20c87d127ea71fc32b4cb55a3ec512b8897",
)
_LICENCE = (
    "Package and its data files: MIT. Country mixes derive from Our World in Data (CC BY 4.0), US "
    "figures from EPA eGRID (public domain), Nordic zones from ENTSO-E, China's provinces from its "
    "Ministry of Ecology and Environment, cloud regions from Google Cloud. May be shown and "
    "shipped with credit."
)
_DATA = "codecarbon/data/"
_COUNTRIES = f"{_DATA}private_infra/global_energy_mix.json"
_FUELS = f"{_DATA}private_infra/carbon_intensity_per_source.json"
_NORDICS = f"{_DATA}private_infra/nordic_emissions.json"
_CHINA = f"{_DATA}private_infra/2023/china_provincial_emissions.json"
_USA = f"{_DATA}private_infra/2023/usa_emissions.json"
_CANADA = f"{_DATA}private_infra/2023/canada_energy_mix.json"
_CANADA_YEAR = 2023
_CLOUDS = f"{_DATA}cloud/impact.csv"
_CPUS = f"{_DATA}hardware/cpu_power.csv"

Rows = list[dict[str, Any]]
Part = tuple[str, tuple[pl.DataFrame, pl.DataFrame]]


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The pinned wheel, if it has not landed."""
    return fetch_package(PACKAGE, context, licence=_LICENCE)


def parse(body: bytes) -> Parsed:
    """Every data file that holds a factor.

    Raises:
        ParseError: a member or a field is missing, or a file's unit is not a known one.
    """
    archive = Archive(body, source_id=SOURCE.source_id)
    regional = [*_usa(archive), *_zones(archive, _CHINA), *_zones(archive, _NORDICS)]
    return Parsed.collect(
        [
            _json_part(COUNTRY_MIXES, _countries(archive)),
            _json_part(REGIONAL_INTENSITIES, regional),
            _json_part(REGIONAL_MIXES, _canada(archive)),
            _json_part(FUEL_INTENSITIES, _fuels(archive)),
            *_csv_part(archive, CLOUD_REGIONS, _CLOUDS, _CLOUD_NAMES),
            *_csv_part(archive, CPU_POWERS, _CPUS, {"Name": "name", "TDP": "tdp_w"}),
        ]
    )


_CLOUD_NAMES = {
    "providerName": "provider_name",
    "offsetRatio": "offset_ratio",
    "regionName": "region_name",
    "countryIsoCode": "country_iso_code",
}


def _json_part(table: Table, rows: Rows) -> Part:
    return table.name, conform(text_frame(rows), table, pl.col("location"))


def _csv_part(archive: Archive, table: Table, member: str, names: dict[str, str]) -> Iterator[Part]:
    lines, misfits = archive.csv(member, table=table.name)
    yield table.name, (pl.DataFrame(schema=table.schema), misfits)
    yield table.name, conform(lines.rename(names, strict=False), table, pl.col("location"))


def _objects(archive: Archive, holder: dict[str, Any], member: str) -> Iterator[tuple[str, dict]]:
    """Each entry of an object whose entries are objects; ``_unit`` and the like are no rows."""
    for key in holder:
        if not key.startswith("_"):
            yield key, archive.field(holder, key, dict, member)


def _countries(archive: Archive) -> Rows:
    document = archive.json_object(_COUNTRIES)
    return [
        {name.lower(): value for name, value in country.items()}
        | {"location": f"{_COUNTRIES} {code}"}
        for code, country in _objects(archive, document, _COUNTRIES)
    ]


def _usa(archive: Archive) -> Rows:
    document = archive.json_object(_USA)
    unit = archive.field(archive.field(document, "_unit", dict, _USA), "emissions", str, _USA)
    origin = archive.field(document, "_source", dict, _USA)
    return [
        {
            "region_set": "usa",
            "region_code": state.get("regionCode"),
            "region_name": name,
            "emission_factor": state.get("emissions"),
            "unit": unit,
            "year": origin.get("year"),
            "source_name": origin.get("name"),
            "source_url": origin.get("url"),
            "location": f"{_USA} {name}",
        }
        for name, state in _objects(archive, document, _USA)
    ]


def _zones(archive: Archive, member: str) -> Rows:
    """The files of China's provinces and of the Nordic bidding zones have one shape."""
    document = archive.json_object(member)
    about = archive.field(document, "metadata", dict, member)
    zones = archive.field(document, "data", dict, member)
    return [
        {
            "region_set": "china" if member == _CHINA else "nordic",
            "region_code": code,
            "region_name": zone.get("description"),
            "emission_factor": zone.get("emission_factor"),
            "unit": zone.get("unit"),
            "year": zone.get("year"),
            "source_name": about.get("source"),
            "source_url": about.get("source_url"),
            "coverage": zone.get("coverage"),
            "note": zone.get("note"),
            "location": f"{member} {code}",
        }
        for code, zone in _objects(archive, zones, member)
    ]


def _canada(archive: Archive) -> Rows:
    document = archive.json_object(_CANADA)
    return [
        {
            "region_name": province,
            "fuel": fuel,
            "share_pct": share,
            "total_pct": mix.get("total"),
            "year": _CANADA_YEAR,
            "location": f"{_CANADA} {province}.{fuel}",
        }
        for province, mix in _objects(archive, document, _CANADA)
        for fuel, share in mix.items()
        if fuel != "total"
    ]


def _fuels(archive: Archive) -> Rows:
    document = archive.json_object(_FUELS)
    unit = archive.field(document, "unit", str, _FUELS)
    return [
        {
            "fuel": fuel,
            "emission_factor": factor,
            "unit": unit,
            "source_name": document.get(f"{fuel}_source"),
            "location": f"{_FUELS} {fuel}",
        }
        for fuel, factor in document.items()
        if fuel != "unit" and not fuel.endswith("_source")
    ]


SOURCE = Source(
    source_id="codecarbon-package",
    title="CodeCarbon's data files: country, regional and cloud intensities, CPU powers",
    publisher="CodeCarbon non-profit (Mila, Data For Good, BCG GAMMA, Comet.ml, Haverford College)",
    homepage_url="https://codecarbon.io/",
    licence=_LICENCE,
    licence_url="https://github.com/mlco2/codecarbon/blob/master/LICENSE",
    citation=(
        "CodeCarbon 3.3.2, https://github.com/mlco2/codecarbon. Country mixes: Our World in Data "
        "(https://github.com/mlco2/codecarbon/issues/673). US states: EPA eGRID2023, "
        "https://www.epa.gov/egrid/download-data. China: MEE and NBS, Announcement 2025 No. 47, "
        "https://www.mee.gov.cn/xxgk2018/xxgk/xxgk01/202512/t20251231_1139517.html. Nordic zones: "
        "ENTSO-E, derived by Khepri 1.3, https://doi.org/10.5281/zenodo.22285397. Cloud regions: "
        "Google, https://cloud.google.com/sustainability/region-carbon#data."
    ),
    description=(
        "Generation by fuel and intensity of 213 countries; intensities of 51 US states and "
        "districts and the USA, 30 Chinese provinces, 9 Nordic bidding zones and Finland; fuel "
        "shares of 13 Canadian provinces; 40 Google Cloud regions; thermal design power of some "
        "4,900 CPUs."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(
        COUNTRY_MIXES,
        REGIONAL_INTENSITIES,
        REGIONAL_MIXES,
        FUEL_INTENSITIES,
        CLOUD_REGIONS,
        CPU_POWERS,
    ),
    fetch=fetch,
    parse=reading_bytes(parse),
    base_url_env="PIP_INDEX_URL",
    known_faults=(
        "The bases differ: country mixes are lifecycle; US states are the total output rate of "
        "eGRID, stack emissions only; China's provinces are CO2 only and include transfers "
        "between provinces; Nordic zones are computed from production.",
        "Country mixes are of 2022 or 2023, of 2021 for four French territories and of 2009 for "
        "Western Sahara; the Central African Republic stands with 0 gCO2e/kWh.",
        "Nordic zones count generation without a factor as zero: SE4 covers 85.05 % and is a lower "
        "bound. Finland's 72 g is an older value kept under the year 2025.",
        "Canada has fuel shares, no intensities; they add up to between 99.8 % and 100.2 %.",
        "Google's region me-central1 is written me-cenrtal1, and asia-east2 (Hong Kong) is given "
        "as China; staging mends both.",
        "Only Google Cloud has figures; AWS and Azure publish none.",
        "Four Celeron entries have a power such as 27.29.5 and are in quarantine.",
        "Oil stands at 816 and gas at 743 gCO2e/kWh, far from IPCC AR5; the fuel table is kept for "
        "reference and is not what the warehouse computes with.",
    ),
)
