"""The raw tables of BoaviztAPI's data files, with every field that embodied impacts need."""

from __future__ import annotations

import polars as pl

from warehouse.tables import Column, Table


def _text(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pl.String, description, required=required)


def _number(name: str, description: str, unit: str) -> Column:
    return Column(name, pl.Float64, description, unit=unit, minimum=0)


def _triple(name: str, description: str, unit: str) -> Column:
    return Column(name, pl.String, f"{description}; `value` or `value;lower;upper`", unit=unit)


GPUS = Table(
    "boavizta_gpus",
    "One row per GPU card: what its manufacture takes",
    (
        _text("name", "Name of the card", required=True),
        _text("manufacturer", "Manufacturer"),
        _number("unit", "GPU dies on the card", "count"),
        _number("number", "Memory dies on the card", "count"),
        Column("vram", pl.Float64, "Memory", unit="GB", required=True, minimum=0),
        _number("die_surface", "Wafer surface that the GPU dies take, losses included", "mm2"),
        _number("pwb_surface", "Surface of the printed wiring board", "cm2"),
        _number("distance_boat", "Transport by ship", "km"),
        _number("distance_truck", "Transport by road", "km"),
        _number("distance_plane", "Transport by air", "km"),
        _number("mass_casing", "Mass of the casing", "kg"),
        _number("mass_heatsink", "Mass of the heat sink", "kg"),
        _number("mass", "Mass of the card", "kg"),
        _text("source", "Addresses of the sources, joined by ';'"),
    ),
    key=("name",),
)

SERVERS = Table(
    "boavizta_servers",
    "One row per server type, of a manufacturer or behind cloud instances",
    (
        _text("id", "Key of the server type", required=True),
        _text("manufacturer", "Manufacturer or cloud provider"),
        Column("case_type", pl.String, "Kind of case", allowed=("rack", "blade")),
        _triple("cpu_units", "CPUs", "count"),
        _triple("cpu_core_units", "Cores of a CPU", "count"),
        _triple("cpu_die_size_per_core", "Die surface of a core", "mm2"),
        _text("cpu_name", "Name of the CPU"),
        _triple("cpu_threads", "Threads of a CPU", "count"),
        _triple("ram_units", "Memory modules", "count"),
        _triple("ram_capacity", "Capacity of a memory module", "GB"),
        _triple("ssd_units", "Solid-state drives", "count"),
        _triple("ssd_capacity", "Capacity of a solid-state drive", "GB"),
        _triple("hdd_units", "Hard disks", "count"),
        _triple("hdd_capacity", "Capacity of a hard disk", "GB"),
        _triple("gpu_units", "GPU cards", "count"),
        _text("gpu_name", "Name of the GPU card"),
        _triple("gpu_vram", "Memory of a GPU card", "GB"),
        _triple("power_supply_units", "Power supplies", "count"),
        _triple("power_supply_unit_weight", "Mass of a power supply", "kg"),
        _triple("usage_hours_life_time", "Service life", "h"),
        _text("warnings", "The provider's warnings about the row"),
    ),
    key=("id",),
)

FACTORS = Table(
    "boavizta_factors",
    "One row per impact factor of a component, per unit of the quantity that it is multiplied with",
    (
        _text("component", "Component, such as gpu or ram", required=True),
        _text("part", "Part of the component; empty if the factor is of the whole"),
        _text("phase", "Phase of life; empty if the provider names none"),
        _text("criterion", "Impact criterion, such as gwp", required=True),
        _text("factor_name", "Name of the factor, such as impact or die_impact", required=True),
        Column("impact", pl.Float64, "The factor, in the criterion's unit", required=True),
        _text("source", "Where the factor is published"),
    ),
    key=("component", "part", "phase", "criterion", "factor_name"),
)

COMPONENT_DEFAULTS = Table(
    "boavizta_component_defaults",
    "One row per attribute of a default component, used where a server or a card leaves it open",
    (
        _text("component", "Component, such as gpu or ram", required=True),
        _text("archetype_id", "Key of the default", required=True),
        _text("attribute", "Attribute", required=True),
        _triple("value", "Value of the attribute", "as the attribute"),
    ),
    key=("component", "archetype_id", "attribute"),
)

CPUS = Table(
    "boavizta_cpus",
    "One row per CPU and code name: die surface, cores and power",
    (
        _text("name", "Name of the CPU", required=True),
        _text("code_name", "Code name of its architecture"),
        _text("manufacturer", "Manufacturer"),
        _number("cores", "Cores", "count"),
        _number("threads", "Threads", "count"),
        _number("tdp", "Thermal design power", "W"),
        _number("total_die_size", "Surface of all dies", "mm2"),
        _text("source", "Where the figures come from"),
    ),
    key=("name", "code_name", "source"),
)

MEMORY_DENSITIES = Table(
    "boavizta_memory_densities",
    "One row per observed density of memory on its die",
    (
        Column("component", pl.String, "Component", required=True, allowed=("ram", "ssd")),
        _text("manufacturer", "Manufacturer"),
        _number("process", "Process of a memory die", "nm"),
        _number("layers", "Layers of a flash die", "count"),
        Column("density", pl.Float64, "Density", unit="GB/cm2", required=True, minimum=0),
        _text("source", "Where the figure is published"),
        Column("line", pl.Int32, "Position in the provider's file", required=True),
    ),
    key=("component", "line"),
)

CLOUD_REGIONS = Table(
    "boavizta_cloud_regions",
    "One row per cloud region: the country it stands in",
    (
        _text("provider", "Cloud provider's key", required=True),
        _text("region", "Region's key", required=True),
        _text("usage_location", "ISO 3166-1 alpha-3 code of the country", required=True),
    ),
    key=("provider", "region"),
)
