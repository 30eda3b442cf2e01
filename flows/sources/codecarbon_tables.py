"""The raw tables of CodeCarbon's data files; field names in snake case, units as they came."""

from __future__ import annotations

import polars as pl

from warehouse.tables import Column, Table

_UNITS = ("lbs/MWh", "gCO2/kWh", "gCO2eq/kWh", "gCO2.eq/kWh")


def _text(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pl.String, description, required=required)


def _twh(name: str, meaning: str) -> Column:
    return Column(f"{name}_twh", pl.Float64, f"Generation from {meaning}", "TWh", minimum=0)


def _factor(name: str, description: str) -> Column:
    return Column(name, pl.Float64, description, required=True, minimum=0)


_UNIT = Column("unit", pl.String, "Unit of the factor", required=True, allowed=_UNITS)
_YEAR = Column("year", pl.Int32, "Calendar year", required=True, minimum=1990, maximum=2100)

COUNTRY_MIXES = Table(
    "codecarbon_country_mixes",
    "One row per country: generation by fuel and intensity in the last year that is known",
    (
        _text("iso_code", "ISO 3166-1 alpha-3 code", required=True),
        _text("country_name", "Name of the country", required=True),
        _YEAR,
        Column(
            "carbon_intensity",
            pl.Float64,
            "Lifecycle intensity of production",
            unit="gCO2e/kWh",
            required=True,
            minimum=0,
            maximum=3000,
        ),
        _twh("total", "all fuels"),
        _twh("fossil", "fossil fuels"),
        _twh("coal", "coal"),
        _twh("gas", "gas"),
        _twh("oil", "oil"),
        _twh("low_carbon", "nuclear and renewables"),
        _twh("nuclear", "nuclear fuel"),
        _twh("renewables", "renewables"),
        _twh("hydroelectricity", "hydropower"),
        _twh("solar", "the sun"),
        _twh("wind", "wind"),
        _twh("biofuel", "bioenergy"),
        _twh("other_renewable", "other renewables with bioenergy"),
        _twh("other_renewable_exc_biofuel", "other renewables without bioenergy"),
        Column(
            "per_capita_wh",
            pl.Float64,
            "Generation per head; the provider's name says Wh, the size says kWh",
            unit="kWh",
        ),
    ),
    key=("iso_code", "year"),
)

REGIONAL_INTENSITIES = Table(
    "codecarbon_regional_intensities",
    "One row per US state, Chinese province or Nordic bidding zone, in the unit of its file",
    (
        Column(
            "region_set",
            pl.String,
            "File that the region stands in",
            required=True,
            allowed=("usa", "china", "nordic"),
        ),
        _text("region_code", "Code of the region in that file", required=True),
        _text("region_name", "Name of the region"),
        _factor("emission_factor", "Emissions per energy, in the unit of the row"),
        _UNIT,
        _YEAR,
        _text("source_name", "Whose figure it is"),
        _text("source_url", "Where it is published"),
        _text("coverage", "Share of generation that has a factor, in words"),
        _text("note", "The provider's note on the region"),
    ),
    key=("region_set", "region_code", "year"),
)

REGIONAL_MIXES = Table(
    "codecarbon_regional_mixes",
    "One row per Canadian province and fuel: its share of generation",
    (
        _text("region_name", "Name of the province, lower case", required=True),
        _text("fuel", "Fuel, the provider's name", required=True),
        Column(
            "share_pct",
            pl.Float64,
            "Share of generation",
            unit="%",
            required=True,
            minimum=0,
            maximum=100.5,
        ),
        Column("total_pct", pl.Float64, "Sum of the shares as published", unit="%"),
        _YEAR,
    ),
    key=("region_name", "fuel", "year"),
)

FUEL_INTENSITIES = Table(
    "codecarbon_fuel_intensities",
    "One row per fuel: the intensity that CodeCarbon gives it",
    (
        _text("fuel", "Fuel, or world_average", required=True),
        _factor("emission_factor", "Emissions per energy, in the unit of the row"),
        _UNIT,
        _text("source_name", "Source that CodeCarbon names"),
    ),
    key=("fuel",),
)

CLOUD_REGIONS = Table(
    "codecarbon_cloud_regions",
    "One row per cloud region: its grid's intensity as the cloud provider publishes it",
    (
        _text("provider", "Cloud provider's key", required=True),
        _text("provider_name", "Cloud provider's name"),
        Column("offset_ratio", pl.Float64, "Share of emissions that the provider offsets", "%"),
        _text("region", "Region's key", required=True),
        _text("region_name", "Region's name"),
        _text("country_name", "Country of the region"),
        _text("country_iso_code", "ISO 3166-1 alpha-3 code of the country", required=True),
        _text("state", "State or province"),
        _text("city", "City"),
        Column(
            "impact",
            pl.Float64,
            "Intensity of the region's grid",
            unit="gCO2e/kWh",
            required=True,
            minimum=0,
            maximum=3000,
        ),
        _text("source", "Where the figure is published"),
        _text("comment", "CodeCarbon's comment"),
    ),
    key=("provider", "region"),
)

CPU_POWERS = Table(
    "codecarbon_cpu_powers",
    "One row per CPU: its thermal design power",
    (
        _text("name", "Name of the CPU", required=True),
        Column(
            "tdp_w",
            pl.Float64,
            "Thermal design power",
            unit="W",
            required=True,
            minimum=0,
            maximum=2000,
        ),
    ),
    key=("name",),
)
