"""BoaviztAPI's data files: what embodied impacts of GPUs and servers are computed from.

Only its data are read. The computation is written anew as functions of the warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl
import yaml

from flows.sources.archives import Archive, text_frame
from flows.sources.boavizta_tables import (
    CLOUD_REGIONS,
    COMPONENT_DEFAULTS,
    CPUS,
    FACTORS,
    GPUS,
    MEMORY_DENSITIES,
    SERVERS,
)
from flows.sources.context import FetchContext
from flows.sources.packages import Package, fetch_package
from flows.sources.protocol import Source, reading_bytes
from warehouse.landing import Fetched
from warehouse.tables import Parsed, Table, conform

PACKAGE = Package(
    name="boaviztapi",
    version="2.5.0",
    sha256="1f0a3b677a247cd9e0f11cb68c87661c4a18285c6754c71c96c0987b7f083cff",
)
_LICENCE = (
    "Package: AGPL-3.0, which covers its code; the licence of its data files is not stated apart. "
    "Facts may be shown with credit to Boavizta; no data file and no code of it is shipped. Die "
    "sizes of CPUs were collected from TechPowerUp and are not to be passed on as a table."
)
_DATA = "boaviztapi/data/"
_FACTORS = f"{_DATA}factors.yml"
_SERVERS = f"{_DATA}archetypes/server.csv"
_DEFAULTS = f"{_DATA}archetypes/components/"
_GPUS = f"{_DATA}crowdsourcing/gpu_specs.csv"
_CPUS = f"{_DATA}crowdsourcing/cpu_specs.csv"
_RAM = f"{_DATA}crowdsourcing/ram_manufacture.csv"
_SSD = f"{_DATA}crowdsourcing/ssd_manufacture.csv"
_REGIONS = f"{_DATA}archetypes/cloud/regions.csv"
_COMPONENTS = (
    "assembly",
    "case",
    "cpu",
    "gpu",
    "hdd",
    "motherboard",
    "power_supply",
    "ram",
    "ssd",
)

Part = tuple[str, tuple[pl.DataFrame, pl.DataFrame]]


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The pinned wheel, if it has not landed."""
    return fetch_package(PACKAGE, context, licence=_LICENCE)


def parse(body: bytes) -> Parsed:
    """GPU cards, server types, impact factors, and what stands in for open attributes.

    Raises:
        ParseError: a member or a component is missing, or a file cannot be read.
    """
    archive = Archive(body, source_id=SOURCE.source_id)
    factors = text_frame(_factors(archive))
    return Parsed.collect(
        [
            (FACTORS.name, conform(factors, FACTORS, pl.col("location"))),
            *_csv_parts(archive, GPUS, _GPUS),
            *_csv_parts(archive, SERVERS, _SERVERS),
            *_csv_parts(archive, CPUS, _CPUS),
            *_csv_parts(archive, CLOUD_REGIONS, _REGIONS),
            *_csv_parts(archive, MEMORY_DENSITIES, _RAM, component="ram"),
            *_csv_parts(archive, MEMORY_DENSITIES, _SSD, component="ssd"),
            *_defaults(archive),
        ]
    )


def _csv_parts(
    archive: Archive, table: Table, member: str, *, component: str | None = None
) -> Iterator[Part]:
    lines, misfits = archive.csv(member, table=table.name)
    yield table.name, (pl.DataFrame(schema=table.schema), misfits)
    lines = lines.rename(_snake_case).with_row_index("line")
    lines = lines.with_columns(pl.lit(component, dtype=pl.String).alias("component"))
    yield table.name, conform(lines, table, pl.col("location"))


def _snake_case(name: str) -> str:
    """``CPU.core_units`` as ``cpu_core_units``; ``CASE.case_type`` as ``case_type``."""
    return name.lower().replace(".", "_").replace("case_case_", "case_")


def _defaults(archive: Archive) -> Iterator[Part]:
    for member in archive.names(prefix=_DEFAULTS, suffix=".csv"):
        lines, misfits = archive.csv(member, table=COMPONENT_DEFAULTS.name)
        yield COMPONENT_DEFAULTS.name, (pl.DataFrame(schema=COMPONENT_DEFAULTS.schema), misfits)
        long = lines.unpivot(
            index=["id", "location"], variable_name="attribute", value_name="value"
        ).select(
            pl.lit(member.removeprefix(_DEFAULTS).removesuffix(".csv")).alias("component"),
            pl.col("id").alias("archetype_id"),
            pl.col("attribute").str.to_lowercase().str.replace_all(".", "_", literal=True),
            "value",
            "location",
        )
        location = pl.format("{} {}", "location", "attribute")
        yield COMPONENT_DEFAULTS.name, conform(long, COMPONENT_DEFAULTS, location)


def _factors(archive: Archive) -> list[dict[str, Any]]:
    text = archive.text(_FACTORS)
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise archive.fault(f"not YAML: {error}", _FACTORS) from error
    if not isinstance(document, dict):
        raise archive.fault("expected a mapping of components", _FACTORS)
    return [
        row
        for component in _COMPONENTS
        for row in _flat_factors(component, archive.field(document, component, dict, _FACTORS))
    ]


def _flat_factors(component: str, tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """GPU factors stand at part.phase.criterion, the others at criterion[.part]."""
    for path, leaf in _leaves(tree, ()):
        if component == "gpu":
            part, phase, criterion = (*path, None, None, None)[:3]
        else:
            (criterion, part), phase = (*path, None, None)[:2], None
        for name, value in leaf.items():
            if name == "source":
                continue
            yield {
                "component": component,
                "part": part,
                "phase": phase,
                "criterion": criterion,
                "factor_name": name,
                "impact": value,
                "source": leaf.get("source"),
                "location": f"{_FACTORS} {'.'.join((component, *path, name))}",
            }


def _leaves(
    tree: dict[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Each mapping without mappings below it, with its path."""
    below = {name: value for name, value in tree.items() if isinstance(value, dict)}
    for name, value in below.items():
        yield from _leaves(value, (*path, str(name)))
    own = {name: value for name, value in tree.items() if name not in below}
    if own:
        yield path, own


SOURCE = Source(
    source_id="boavizta",
    title="Boavizta: embodied impacts of GPUs and servers",
    publisher="Boavizta",
    homepage_url="https://boavizta.github.io/boaviztapi/",
    licence=_LICENCE,
    licence_url="https://www.gnu.org/licenses/agpl-3.0.html",
    citation=(
        "Boavizta, BoaviztAPI 2.5.0, https://github.com/Boavizta/boaviztapi, "
        "https://boavizta.github.io/boaviztapi/."
    ),
    description=(
        "Die, board and mass of 33 GPU cards, 348 server types, impact factors of their components "
        "(global warming, primary energy, abiotic depletion; more for GPUs), defaults for what is "
        "left open, densities of memory dies, and the country of 144 cloud regions."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(GPUS, SERVERS, FACTORS, COMPONENT_DEFAULTS, CPUS, MEMORY_DENSITIES, CLOUD_REGIONS),
    fetch=fetch,
    parse=reading_bytes(parse),
    base_url_env="PIP_INDEX_URL",
    known_faults=(
        "A card's die surface is the wafer it takes, losses included, while the default GPU's is "
        "the bare die: only the latter goes through the wafer model.",
        "Twelve cards have no masses and two of them (B200, B300) no board: the default GPU stands "
        "in, 1.69 kg, of which casing 0.79 kg and heat sink 0.90 kg, and a board of 296 cm2.",
        "The memory dies of a card are modelled at 15.5 mm2 per GB, a mean over five studied "
        "cards; of an H100's 575 kgCO2e, 431 are memory.",
        "Server types behind cloud instances are partly unverified, as their warnings say; five "
        "name an accelerator without data (Gaudi, Inferentia, Inferentia2, K520, K80), and those "
        "of Google give the memory of all their GPUs as that of one.",
        "26 of 68 CPU names in server types stand under another name, or not at all, among the "
        "CPUs with a known die.",
        "End of life is counted for GPUs and for no other component.",
    ),
)
