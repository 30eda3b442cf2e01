"""EcoLogits: language models with parameter counts, and electricity mixes with water.

A parameter count is a number, a range, or a total and an active count of which each is a number or
a range. ``raw`` keeps each bound in its own column, in billions as the provider writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl

from flows.sources.archives import Archive, text_frame
from flows.sources.context import FetchContext
from flows.sources.packages import Package, fetch_newer, fetch_package
from flows.sources.protocol import Source, reading_bytes
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table, conform

PACKAGE = Package(
    name="ecologits",
    version="0.11.3",
    sha256="c477b77a95c65abbc0ed475b62708ce64ada871b675df0261f345296b0a6facd",
)
_LICENCE = (
    "Package and its data files: MPL-2.0. Electricity mixes derive from Our World in Data (GWP, "
    "CC BY 4.0), ADEME Base IMPACTS (ADPe, PE) and the World Resources Institute (water). Figures "
    "may be shown with credit; a changed copy of a data file keeps MPL-2.0."
)
_MODELS = "ecologits/data/models.json"
_MIXES = "ecologits/data/electricity_mixes.json"
_BOUNDS = {"": "", "_min": ", lower bound", "_max": ", upper bound"}


def _text(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pl.String, description, required=required)


def _parameters(name: str, meaning: str) -> tuple[Column, ...]:
    return tuple(
        Column(name + suffix, pl.Float64, meaning + bound, unit="billion", minimum=1e-6)
        for suffix, bound in _BOUNDS.items()
    )


def _mix(name: str, description: str, unit: str) -> Column:
    return Column(name, pl.Float64, description, unit=unit, required=True, minimum=0)


MODELS = Table(
    "ecologits_models",
    "One row per language model that EcoLogits knows",
    (
        _text("provider", "Who serves the model, EcoLogits' key", required=True),
        _text("name", "Name of the model at that provider", required=True),
        Column(
            "architecture_type",
            pl.String,
            "Dense or mixture of experts",
            required=True,
            allowed=("dense", "moe"),
        ),
        *_parameters("parameters_total", "Total parameters"),
        *_parameters("parameters_active", "Parameters active per token"),
        _text("parameters", "The provider's entry as JSON", required=True),
        _text("warnings", "Codes of EcoLogits' warnings, joined by '; '"),
        _text("sources", "Addresses of the sources, joined by '; '"),
        Column(
            "deployment_tps", pl.Float64, "Output tokens per second as served", "1/s", minimum=0
        ),
        Column("deployment_ttft", pl.Float64, "Time to the first token as served", "s", minimum=0),
    ),
    key=("provider", "name"),
)

ALIASES = Table(
    "ecologits_aliases",
    "One row per other name of a model",
    (
        _text("provider", "Who serves the model", required=True),
        _text("name", "The other name", required=True),
        _text("alias", "Name of the model that it stands for", required=True),
    ),
    key=("provider", "name"),
)

ELECTRICITY_MIXES = Table(
    "ecologits_electricity_mixes",
    "One row per area: impacts of one kilowatt-hour of its electricity",
    (
        _text("name", "ISO 3166-1 alpha-3 code; WOR for the world", required=True),
        _mix("adpe", "Abiotic depletion potential, elements", "kgSbeq/kWh"),
        _mix("pe", "Primary energy", "MJ/kWh"),
        _mix("gwp", "Global warming potential", "kgCO2eq/kWh"),
        _mix("wue", "Water consumed in generation", "L/kWh"),
        _text("warnings", "Codes of EcoLogits' warnings, joined by '; '"),
    ),
    key=("name",),
)


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The pinned wheel, if it has not landed; then the newest release, if there is a newer one."""
    yield from fetch_package(PACKAGE, context, licence=_LICENCE)
    yield from fetch_newer(PACKAGE, context, source_id=SOURCE.source_id, licence=_LICENCE)


def parse(body: bytes) -> Parsed:
    """Models, their aliases, and electricity mixes.

    Raises:
        ParseError: a member or a field is missing.
    """
    archive = Archive(body, source_id=SOURCE.source_id)
    document = archive.json_object(_MODELS)
    mixes = archive.json_object(_MIXES)
    models = archive.field(document, "models", list, _MODELS)
    aliases = archive.field(document, "aliases", list, _MODELS)
    areas = archive.field(mixes, "electricity_mixes", list, _MIXES)
    return Parsed.collect(
        [
            (
                MODELS.name,
                _conform([_flat_model(archive, model) for model in _at(_MODELS, "models", models)]),
            ),
            (ALIASES.name, _conform(_at(_MODELS, "aliases", aliases), ALIASES)),
            (
                ELECTRICITY_MIXES.name,
                _conform(_at(_MIXES, "electricity_mixes", areas), ELECTRICITY_MIXES),
            ),
        ]
    )


def _conform(
    rows: list[dict[str, Any]], table: Table = MODELS
) -> tuple[pl.DataFrame, pl.DataFrame]:
    return conform(text_frame(rows), table, pl.col("location"))


def _at(member: str, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**row, "location": f"{member} {name}[{position}]"} for position, row in enumerate(rows)
    ]


def _flat_model(archive: Archive, model: dict[str, Any]) -> dict[str, Any]:
    location = model["location"]
    architecture = archive.field(model, "architecture", dict, location)
    kind = archive.field(architecture, "type", str, location)
    parameters = architecture.get("parameters")
    deployment = model.get("deployment") or {}
    if isinstance(parameters, dict) and "total" in parameters:
        total, active = parameters["total"], parameters.get("active")
    else:
        total, active = parameters, parameters if kind == "dense" else None
    return {
        "location": location,
        "provider": model.get("provider"),
        "name": model.get("name"),
        "architecture_type": kind,
        **_bounds("parameters_total", total),
        **_bounds("parameters_active", active),
        "parameters": json.dumps(parameters),
        "warnings": model.get("warnings"),
        "sources": model.get("sources"),
        "deployment_tps": deployment.get("tps"),
        "deployment_ttft": deployment.get("ttft"),
    }


def _bounds(name: str, value: object) -> dict[str, object]:
    """A number in its own column, a range in the two of its bounds; anything else as it came."""
    if isinstance(value, dict) and set(value) == {"min", "max"}:
        return {name: None, f"{name}_min": value["min"], f"{name}_max": value["max"]}
    return {name: value, f"{name}_min": None, f"{name}_max": None}


SOURCE = Source(
    source_id="ecologits",
    title="EcoLogits: language models and electricity mixes",
    publisher="EcoLogits (S. Rincé, A. Banse; CodeCarbon non-profit)",
    homepage_url="https://ecologits.ai/",
    licence=_LICENCE,
    licence_url="https://www.mozilla.org/en-US/MPL/2.0/",
    citation=(
        "EcoLogits 0.11.3, S. Rincé and A. Banse, https://doi.org/10.5281/zenodo.15601289, "
        "https://ecologits.ai/. Global warming potentials of electricity: Our World in Data; "
        "water: World Resources Institute (both: https://github.com/mlco2/ecologits/pull/181)."
    ),
    description=(
        "342 language models of six providers with total and active parameters (a number or a "
        "range), architecture, sources and serving speed; 9 aliases. Global warming potential, "
        "primary energy, abiotic depletion and water of one kilowatt-hour in 213 areas, Europe and "
        "the world."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(MODELS, ALIASES, ELECTRICITY_MIXES),
    fetch=fetch,
    parse=reading_bytes(parse),
    base_url_env="PIP_INDEX_URL",
    known_faults=(
        "122 of 342 models have an unreleased architecture: their parameters are EcoLogits' "
        "estimate, mostly a range, and not a fact about the model.",
        "A release newer than 0.11.3 is read without review; its landing record says so, and where "
        "both have a row the one recorded last counts.",
        "Electricity mixes carry no year; EEE, the mean of Europe, is no grid zone.",
        "For 165 areas the water figure, and for 77 the primary energy and the abiotic depletion, "
        "is the world's mean; a warning code says so and the staging model carries it as a flag.",
        "The Central African Republic stands with 0 gCO2e/kWh: its generation is all hydropower, "
        "and so small that rounded figures leave nothing.",
        "The largest mix is Turkmenistan's, 1306 gCO2e/kWh.",
    ),
)
