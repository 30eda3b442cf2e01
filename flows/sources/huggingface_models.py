"""What the Hub lists of models, as rows: the repositories and what their front matter declares."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import polars as pl

from flows.sources.huggingface_tables import EMISSIONS, MODELS, frame_of
from flows.sources.huggingface_values import Declared, as_text, declared_in, read_declared
from warehouse.errors import ParseError
from warehouse.tables import Parsed, conform

TAG = "co2_eq_emissions"

_AUTOTRAIN = re.compile(r"auto-?(?:train|nlp)", re.IGNORECASE)
_SCALES = {"t": 1e12, "b": 1e9, "m": 1e6}
# 7B, 1.1B, 0_5b, 124M, and 1B1 for 1.1 billion; not the B of A3B (active), 4bit or 8x7B.
_SIZE_IN_NAME = re.compile(
    r"(?<![A-Za-z0-9.])(?P<whole>\d{1,4})(?:[._](?P<decimals>\d{1,3}))?(?P<scale>[TtBbMm])"
    r"(?P<tenths>\d)?(?![A-Za-z0-9])"
)
_LONGEST_JSON = 1000
_INSTANT_LENGTH = len("2026-11-22T06:00:00.000Z")
# Broken front matter hides the field of one model; not of so many in a row.
_MANY = 20
_Row = tuple[str | None, ...]


def parse_models(records: Sequence[object], name: str, *, is_declaring: bool = False) -> Parsed:
    """Rows of a listing or of one model's answer.

    Args:
        records: The objects of the answer.
        name: Its name, for messages.
        is_declaring: Whether it lists only models that declare emissions, with their front matter.

    Raises:
        ParseError: none of the records has an id, or none of many that declare has front matter.
    """
    if is_declaring and len(records) >= _MANY and not any(_has_card(one) for one in records):
        raise ParseError(
            "the field is missing from every model of a listing of models that declare emissions",
            source_id="huggingface",
            location=name,
            field="cardData",
        )
    models: list[_Row] = []
    declared: list[_Row] = []
    for number, record in enumerate(records):
        location = f"{name} model {number}"
        if isinstance(record, dict):
            model_id = model_id_of(record)
            location = f"{location} {model_id or ''}".rstrip()
            found = emission_rows(
                model_id,
                "card_data",
                declared_in(record.get("cardData")),
                location,
                of_autotrain=is_autotrain(record),
            )
            models.append((*_model(record, model_id, len(found)), location))
            declared += found
        else:
            models.append((*([None] * len(MODELS.columns)), location))
    if models and all(row[0] is None for row in models):
        fields = ", ".join(list(records[0])[:10]) if isinstance(records[0], dict) else "no objects"
        raise ParseError(
            f"the field is missing from every model; found: {fields}",
            source_id="huggingface",
            location=name,
            field="id",
        )
    return Parsed.collect(
        [
            (table.name, conform(frame_of(table, rows), table, pl.col("location")))
            for table, rows in ((MODELS, models), (EMISSIONS, declared))
        ]
    )


def _has_card(record: object) -> bool:
    return isinstance(record, dict) and "cardData" in record


def model_id_of(record: Mapping[str, Any]) -> str | None:
    """The repository's name; None if the record has none."""
    found = record.get("id") or record.get("modelId")
    return found if isinstance(found, str) else None


def version_of(record: Mapping[str, Any]) -> str:
    """What changes when the repository does: its commit, else when it was last modified."""
    return as_text(record.get("sha")) or as_text(record.get("lastModified")) or ""


def emission_rows(
    model_id: str | None,
    where: str,
    declaration: object,
    location: str,
    *,
    of_autotrain: bool = False,
) -> list[_Row]:
    """One row for each declared value, as text for ``conform``."""
    rows: list[_Row] = []
    for index, one in enumerate(read_declared(declaration)):
        if of_autotrain or (one.source and _AUTOTRAIN.search(one.source)):
            one.flags.append("autotrain")
        rows.append((model_id, where, str(index), *_emission(one), location))
    return rows


def _emission(one: Declared) -> _Row:
    return (
        one.shape,
        one.text,
        one.value,
        one.unit,
        one.grams,
        one.source,
        one.training_type_text,
        one.training_type,
        one.location,
        one.hardware,
        "; ".join(one.flags) or None,
        one.raw,
    )


def is_readable(record: Mapping[str, Any]) -> bool:
    """Whether the Hub's reading of the front matter gives what the tag promises."""
    values = read_declared(declared_in(record.get("cardData")))
    return bool(values) and all(one.grams is not None for one in values)


def is_autotrain(record: Mapping[str, Any]) -> bool:
    """Whether AutoTrain, or AutoNLP before it, made the model."""
    tags = record.get("tags")
    if isinstance(tags, list) and ("autotrain" in tags or "autonlp" in tags):
        return True
    return _AUTOTRAIN.search(str(record.get("id", "")).rpartition("/")[2]) is not None


def _model(record: Mapping[str, Any], model_id: str | None, declared_count: int) -> _Row:
    tags = record.get("tags")
    names = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    card = record.get("cardData")
    parameters, parameters_source, formats = _parameters(record, model_id)
    author = as_text(record.get("author"))
    if author is None and model_id and "/" in model_id:
        author = model_id.partition("/")[0]
    return (
        model_id,
        author,
        as_text(record.get("sha")),
        _instant(record.get("createdAt")),
        _instant(record.get("lastModified")),
        as_text(record.get("downloads")),
        as_text(record.get("likes")),
        as_text(record.get("library_name")),
        as_text(record.get("pipeline_tag")),
        as_text(record.get("gated")),
        _base_models(card, names),
        next((tag[8:] for tag in names if tag.startswith("license:")), None),
        parameters,
        parameters_source,
        formats,
        _truth(TAG in names) if tags is not None else None,
        _truth(is_autotrain(record)),
        _truth(isinstance(card, dict)) if "cardData" in record else None,
        str(declared_count) if "cardData" in record else None,
    )


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _instant(value: object) -> str | None:
    """Text in one form, because a column of instants is read in that of its first."""
    text = as_text(value)
    if text is None or (len(text) == _INSTANT_LENGTH and text[-5] == "." and text[-1] == "Z"):
        return text
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text
    instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def _base_models(card: object, tags: Sequence[str]) -> str | None:
    named = card.get("base_model") if isinstance(card, dict) else None
    listed = named if isinstance(named, list) else [named]
    found = [text for one in listed if isinstance(one, str) and (text := one.strip())]
    if not found:
        # base_model:quantized:ORG/NAME names the relation, base_model:ORG/NAME the same without it.
        found = [tag[11:] for tag in tags if tag.startswith("base_model:") and tag.count(":") == 1]
    return "; ".join(dict.fromkeys(found)) or None


def _parameters(record: Mapping[str, Any], model_id: str | None) -> _Row:
    """The count, where it is from, and the counts by number format."""
    stored = record.get("safetensors")
    if isinstance(stored, dict):
        by_format = stored.get("parameters")
        formats = orjson.dumps(by_format).decode()[:_LONGEST_JSON] if by_format else None
        if stored.get("total"):
            return as_text(stored["total"]), "safetensors_total", formats
        if isinstance(by_format, dict):
            counts = [count for count in by_format.values() if isinstance(count, int)]
            if sum(counts) > 0:
                return str(sum(counts)), "safetensors_sum", formats
    packed = record.get("gguf")
    if isinstance(packed, dict) and packed.get("total"):
        return as_text(packed["total"]), "gguf", None
    guess = parameters_in_name(model_id or "")
    return (repr(guess), "name", None) if guess else (None, None, None)


def parameters_in_name(model_id: str) -> float | None:
    """Parameters that a repository's name tells, such as 124M or 1B1; None if it tells none."""
    name = model_id.rpartition("/")[2]
    matches = list(_SIZE_IN_NAME.finditer(name))
    if not matches:
        return None
    # A context of a million tokens is also written 1M: billions go first.
    match = next((m for m in matches if m["scale"] in "Bb"), matches[0])
    if match["tenths"] and match["decimals"]:
        return None
    decimals = match["decimals"] or match["tenths"] or "0"
    return float(f"{match['whole']}.{decimals}") * _SCALES[match["scale"].lower()] or None
