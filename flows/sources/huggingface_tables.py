"""The raw tables of the Hub: models, what they declare, their cards, what the cards state."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from warehouse.tables import Column, Table

# Raise it when the extractor reads the same text differently.
EXTRACTOR_VERSION = 1
LONGEST_SPAN = 300

_INSTANT = pl.Datetime("us", "UTC")
# The largest training that anyone published emitted some 1e10 g; a megatonne is no model's.
_MOST_GCO2E = 1e12
_MOST_PARAMETERS = 1e15
_NUL = "\N{NULL}"

_MODEL_ID = Column("model_id", pl.String, "Repository of the model, ORG/NAME", required=True)
_SHA = Column("sha", pl.String, "Commit of the repository that was read")

MODELS = Table(
    "huggingface_models",
    "One row per version of a model repository as the Hub lists it",
    (
        _MODEL_ID,
        Column("author", pl.String, "Account that holds the repository"),
        _SHA,
        Column("created_at", _INSTANT, "When the repository was made", unit="UTC"),
        Column("last_modified_at", _INSTANT, "When it was last changed", unit="UTC"),
        Column(
            "downloads",
            pl.Int64,
            "Downloads of the last 30 days when this version was first seen; later counts make no "
            "new version",
            unit="count",
            minimum=0,
        ),
        Column(
            "likes", pl.Int64, "Likes when this version was first seen", unit="count", minimum=0
        ),
        Column("library_name", pl.String, "Library that loads it"),
        Column("pipeline_tag", pl.String, "Task that it is for"),
        Column("gated", pl.String, "false, auto or manual: whether access must be asked for"),
        Column("base_models", pl.String, "Models that it was made from, with a semicolon between"),
        Column("licence_tag", pl.String, "Licence in its tags"),
        Column(
            "parameters_total",
            pl.Float64,
            "Parameters; stored elements where they come from safetensors, so that packed weights "
            "count too few",
            unit="count",
            minimum=1,
            maximum=_MOST_PARAMETERS,
        ),
        Column(
            "parameters_source",
            pl.String,
            "Where they come from: safetensors_total, safetensors_sum, gguf, or name, which is a "
            "guess from the repository's name",
            allowed=("safetensors_total", "safetensors_sum", "gguf", "name"),
        ),
        Column("safetensors_json", pl.String, "Parameters by number format, as given"),
        Column("is_tagged", pl.Boolean, "Whether it carries the tag co2_eq_emissions"),
        Column("is_autotrain", pl.Boolean, "Whether AutoTrain or AutoNLP made it"),
        Column("has_card_data", pl.Boolean, "Whether the Hub could read its front matter"),
        Column(
            "declared_count",
            pl.Int32,
            "Values that its front matter declares, readable or not; null where it was not asked "
            "for",
            unit="count",
        ),
    ),
    key=("model_id",),
    is_versioned=True,
    not_compared=("downloads", "likes"),
)

_DECLARED_IN = Column(
    "declared_in",
    pl.String,
    "card_data (as the Hub reads the front matter) or readme (as we read it)",
    required=True,
    allowed=("card_data", "readme"),
)

EMISSIONS = Table(
    "huggingface_emissions",
    "One row per version of a value that a model declares as co2_eq_emissions",
    (
        _MODEL_ID,
        _DECLARED_IN,
        Column("value_index", pl.Int32, "Which of its declared values, from 0", required=True),
        Column("shape", pl.String, "How it was written: dict, number, text or list", required=True),
        Column("emissions_text", pl.String, "The value as written"),
        Column("emissions_value", pl.Float64, "The number in it", unit="emissions_unit"),
        Column("emissions_unit", pl.String, "The unit in it; null where none is written"),
        Column(
            "emissions_gco2e",
            pl.Float64,
            "The value in grams: by the unit in the text, else as grams, which the Hub's "
            "documentation asks for; never scaled for what is plausible",
            unit="gCO2e",
            minimum=0,
            maximum=_MOST_GCO2E,
        ),
        Column("emissions_source", pl.String, "Where the author has the figure from"),
        Column("training_type_text", pl.String, "Kind of training as written"),
        Column(
            "training_type",
            pl.String,
            "Kind of training: pretraining or fine_tuning; null for other words",
            allowed=("pretraining", "fine_tuning"),
        ),
        Column("geographical_location", pl.String, "Place as written"),
        Column("hardware_used", pl.String, "Hardware as written"),
        Column(
            "flags",
            pl.String,
            "What is odd about it, with a semicolon between: placeholder, no_value, zero, "
            "other_unit, grouped_digits, approximate, autotrain",
        ),
        Column("raw_json", pl.String, "The declaration as it came, cut at 4,000 characters"),
    ),
    key=("model_id", "declared_in", "value_index"),
    is_versioned=True,
)

CARDS = Table(
    "huggingface_cards",
    "One row per version of a model's README.md that was read, or asked for and not there",
    (
        _MODEL_ID,
        _SHA,
        Column(
            "state",
            pl.String,
            "read, missing (404) or refused (401, 403: gated, private or gone)",
            required=True,
            allowed=("read", "missing", "refused"),
        ),
        Column(
            "front_matter",
            pl.String,
            "ok, late (not at the file's start), broken (no YAML; read line by line) or absent",
            allowed=("ok", "late", "broken", "absent"),
        ),
        Column("character_count", pl.Int64, "Length of the text", unit="count"),
        Column("declared_count", pl.Int32, "Values in its front matter", unit="count"),
        Column("statement_count", pl.Int32, "Statements found in its text", unit="count"),
        Column("extractor_version", pl.Int32, "Version of the extractor", unit="version"),
    ),
    key=("model_id",),
    is_versioned=True,
)

STATEMENT_KINDS = (
    "energy",
    "emissions",
    "carbon_intensity",
    "duration",
    "device_hours",
    "hardware",
    "region",
    "cloud_provider",
    "pue",
)

STATEMENTS = Table(
    "huggingface_card_statements",
    "One row per version of a figure or name that the text of a model's card states, as an "
    "extractor found it: no declaration, and never mixed with one",
    (
        _MODEL_ID,
        Column("statement_index", pl.Int32, "Which of the card's statements", required=True),
        Column("kind", pl.String, "What is stated", required=True, allowed=STATEMENT_KINDS),
        Column("stated_value", pl.Float64, "The number", unit="stated_unit"),
        Column(
            "stated_unit",
            pl.String,
            "Its unit: kWh, gCO2e, gCO2e/kWh, h or 1, converted from what is written",
        ),
        Column("unit_text", pl.String, "The unit as written"),
        Column("stated_text", pl.String, "The words, for hardware, region and provider"),
        Column(
            "quoted_span",
            pl.String,
            f"The line that says so, at most {LONGEST_SPAN} characters",
            required=True,
        ),
        Column("char_offset", pl.Int64, "Where the statement begins in the file", unit="count"),
        Column(
            "confidence",
            pl.Float64,
            "How sure the extractor is: 0.9 for a labelled line, less in running text",
            unit="1",
            required=True,
            minimum=0,
            maximum=1,
        ),
        Column("extractor_version", pl.Int32, "Version of the extractor", unit="version"),
    ),
    key=("model_id", "statement_index"),
    is_versioned=True,
    not_compared=("char_offset",),
)

TABLES = (MODELS, EMISSIONS, CARDS, STATEMENTS)


def frame_of(table: Table, rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Rows of text, as they were read, for ``conform``; null characters are left out.

    Columns: the table's, then ``location``, which says where a row stood.
    """
    names = [*table.schema, "location"]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    frame = pl.DataFrame(
        {
            name: pl.Series(name, values, dtype=pl.String)
            for name, values in zip(names, columns, strict=True)
        }
    )
    return frame.with_columns(pl.all().str.replace_all(_NUL, "", literal=True))
