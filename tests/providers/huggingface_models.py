"""One model of the Hub: what the listing says of it, and its README."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

# What a plain listing shows of each model; ``full``, ``cardData`` and ``config`` add to it.
PLAIN = (
    *("_id", "id", "author", "likes", "trendingScore", "private", "downloads", "tags"),
    *("pipeline_tag", "library_name", "createdAt", "modelId"),
)
FULL = ("sha", "lastModified", "gated", "disabled", "siblings")
EXPANDABLE = frozenset(
    {
        "author", "baseModels", "cardData", "childrenModelCount", "config", "createdAt",
        "disabled", "downloads", "downloadsAllTime", "evalResults", "gated", "gguf", "inference",
        "inferenceProviderMapping", "lastModified", "library_name", "likes", "mask_token",
        "model-index", "pipeline_tag", "private", "resourceGroup", "safetensors", "sha",
        "siblings", "spaces", "tags", "transformersInfo", "trendingScore", "usedStorage",
        "widgetData",
    }
)  # fmt: skip


@dataclass(frozen=True)
class HubModel:
    """One state of one model.

    Attributes:
        fields: all that an answer may hold, as JSON.
        readme: the README, front matter included; None if there is none.
    """

    fields: Mapping[str, Any]
    readme: str | None = None

    @property
    def id(self) -> str:
        return self.fields["id"]

    @property
    def last_modified(self) -> str:
        return self.fields["lastModified"]

    @property
    def co2(self) -> Any:
        """The block ``co2_eq_emissions`` as the front matter has it."""
        return (self.fields.get("cardData") or {}).get("co2_eq_emissions")


def hub_time(at: datetime) -> str:
    """An instant as the Hub writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def hub_model(
    model_id: str,
    modified_at: datetime,
    *,
    card: Mapping[str, Any] | None = None,
    body: str = "",
    front_matter: str | None = None,
    created_at: datetime | None = None,
    tags: Sequence[str] = (),
    library_name: str | None = "transformers",
    pipeline_tag: str | None = "text-generation",
    parameters: Mapping[str, int] | None = None,
    has_total: bool = True,
    gguf_total: int | None = None,
    downloads: int = 12,
    likes: int = 1,
    gated: bool | str = False,
    is_private: bool = False,
) -> HubModel:
    """A model from what its author wrote.

    Args:
        model_id: With or without an organisation.
        modified_at: When it was changed last.
        card: The front matter; None for none.
        body: The README below the front matter.
        front_matter: The front matter as text, if the Hub cannot read it: then there is no
            ``cardData`` and no tag that comes from it.
        created_at: When it was made; a day before the last change if not given.
        tags: Tags beside those that follow from the rest.
        library_name: As the Hub finds it.
        pipeline_tag: As the Hub finds it.
        parameters: Stored elements by number type: what safetensors files say.
        has_total: Whether the safetensors block has its total.
        gguf_total: Parameters of a GGUF file.
        downloads: In the last 30 days.
        likes: By users.
        gated: False, ``auto`` or ``manual``.
        is_private: Whether only its owner sees it.
    """
    author = model_id.partition("/")[0] if "/" in model_id else None
    text = front_matter
    if front_matter is None and card is not None:
        text = yaml.safe_dump(dict(card), sort_keys=False, allow_unicode=True)
    has_front = text is not None and front_matter is None
    readme = f"---\n{text}---\n\n{body}" if has_front else f"{front_matter or ''}{body}"
    fields: dict[str, Any] = {
        "_id": hashlib.sha1(model_id.encode()).hexdigest()[:24],  # noqa: S324 - a name, no secret
        "id": model_id,
        "modelId": model_id,
        "author": author,
        "likes": likes,
        "trendingScore": likes // 7,
        "private": is_private,
        "gated": gated,
        "disabled": False,
        "downloads": downloads,
        "downloadsAllTime": downloads * 20,
        "tags": [*_derived_tags(card or {}, library_name, pipeline_tag), *tags, "region:us"],
        "pipeline_tag": pipeline_tag,
        "library_name": library_name,
        "createdAt": hub_time(created_at or modified_at.replace(year=modified_at.year - 1)),
        "lastModified": hub_time(modified_at),
        "cardData": dict(card) if card is not None and front_matter is None else None,
        "config": {"model_type": "made_up"},
        "siblings": [{"rfilename": ".gitattributes"}, {"rfilename": "README.md"}],
        "usedStorage": 123_456_789,
    }
    if parameters is not None:
        total = {"total": sum(parameters.values())} if has_total else {}
        fields["safetensors"] = {"parameters": dict(parameters), **total}
        fields["siblings"].append({"rfilename": "model.safetensors"})
    if gguf_total is not None:
        fields["gguf"] = {"total": gguf_total, "architecture": "made_up", "context_length": 4096}
    digest = f"{model_id} {fields['lastModified']} {readme}".encode()
    fields["sha"] = hashlib.sha1(digest).hexdigest()  # noqa: S324 - as git does
    present = {name: value for name, value in fields.items() if value is not None}
    return HubModel(present, readme)


def _derived_tags(
    card: Mapping[str, Any], library_name: str | None, pipeline_tag: str | None
) -> list[str]:
    """The tags that the Hub makes of a card."""

    def listed(name: str) -> list[str]:
        value = card.get(name) or []
        return [value] if isinstance(value, str) else list(value)

    own = [tag for tag in listed("tags") if isinstance(tag, str)]
    tags = [name for name in (library_name, pipeline_tag) if name]
    tags += [f"dataset:{name}" for name in listed("datasets")]
    tags += [f"base_model:{name}" for name in listed("base_model")]
    tags += [f"license:{name}" for name in listed("license")]
    if "co2_eq_emissions" in card:
        tags.append("co2_eq_emissions")
    return [*tags, *own]
