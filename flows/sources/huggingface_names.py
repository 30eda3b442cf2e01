"""Which model a file belongs to that was imported by hand, from its name or its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

_NAME = re.compile(r"[\w.\-]+(?:/[\w.\-]+)?", re.ASCII)
_HEADING = re.compile(r"^\s{0,3}#\s+(?P<text>.+?)\s*#*\s*$", re.MULTILINE)
_OF_TEMPLATE = re.compile(r"^(?:model\s+card\s+(?:for|of)|model\s+card:?)\s+", re.IGNORECASE)


def about_file(name: str) -> Mapping[str, str]:
    """``ORG__NAME.README.md``, ``ORG__NAME.md`` or ``ORG/NAME/README.md`` names its model."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.suffix.lower() not in (".md", ".markdown"):
        return {}
    stem = re.sub(r"\.?readme$", "", path.stem, flags=re.IGNORECASE)
    if not stem and len(path.parts) >= 3:
        stem = "__".join(path.parts[-3:-1])
    model_id = stem.replace("__", "/", 1)
    if _NAME.fullmatch(model_id):
        return {"kind": "readme", "model": model_id}
    return {"kind": "readme"}


def named_in(metadata: object, text: str) -> str | None:
    """The model that a card without a telling file name speaks of."""
    if isinstance(metadata, dict):
        index = metadata.get("model-index")
        first = index[0] if isinstance(index, list) and index else None
        for found in (
            metadata.get("model_id"),
            metadata.get("model_name"),
            first.get("name") if isinstance(first, dict) else None,
        ):
            if isinstance(found, str) and _NAME.fullmatch(found.strip()):
                return found.strip()
    if heading := _HEADING.search(text[:20_000]):
        words = _OF_TEMPLATE.sub("", heading["text"].strip(" *_`"))
        slug = re.sub(r"[^\w./\-]+", "-", words, flags=re.ASCII).strip("-")[:96]
        return slug or None
    return None


def record_of_extract(record: object) -> Any:  # noqa: ANN401
    """A front matter that was taken out of a card, as the Hub would give it.

    Such an extract has the path of the card in place of an id.
    """
    if not isinstance(record, dict) or "id" in record or "modelId" in record:
        return record
    path = record.get("path")
    if not isinstance(path, str) or "co2_eq_emissions" not in record:
        return record
    model_id = about_file(path).get("model")
    names = ("co2_eq_emissions", "base_model", "datasets")
    card = {name: record[name] for name in names if name in record}
    return {"id": model_id, "sha": record.get("commit"), "cardData": card}
