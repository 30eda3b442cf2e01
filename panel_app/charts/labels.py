"""Label kinds as they look everywhere: one colour and one marker each, hollow if not measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panel_app import theme
from panel_app.blocks import legend


@dataclass(frozen=True)
class LabelLook:
    """How figures of one label kind are called and drawn."""

    title: str
    meaning: str
    colour: str
    marker: str
    is_truth: bool


LABELS = {
    "wall_metered": LabelLook(
        "Metered at the wall", "a meter on the supply", theme.GREEN, "circle", True
    ),
    "counter": LabelLook(
        "Hardware counter", "the device's own counter (NVML, RAPL)", theme.BLUE, "square", True
    ),
    "vendor_disclosed": LabelLook(
        "Disclosed by the maker", "energy with a measured average power", theme.SKY, "diamond", True
    ),
    "declared": LabelLook(
        "Declared", "a model card's figure, method unknown", theme.ORANGE, "triangle", False
    ),
    "tdp_derived": LabelLook(
        "Hours × TDP", "computed from rated power", theme.VERMILLION, "inverted_triangle", False
    ),
    "modelled": LabelLook("Modelled", "from a model of the hardware", theme.PURPLE, "hex", False),
}
_OTHER = LabelLook("Other", "another method", theme.GREY, "circle", False)


def look_of(label_kind: str | None) -> LabelLook:
    """The look of a label kind; unknown kinds look grey and say so."""
    return LABELS.get(label_kind or "", _OTHER)


_BOUNDARIES = {
    "accelerator": "accelerators only",
    "it": "servers",
    "facility": "whole facility",
}


def boundary_title(boundary: str | None) -> str:
    """What a figure counts, in two words."""
    return _BOUNDARIES.get(boundary or "", boundary or "boundary not known")


def label_title(label_kind: str | None) -> str:
    """A label kind in words."""
    return look_of(label_kind).title if label_kind else "method not known"


def label_legend(label_kinds: Sequence[str]) -> str:
    """The legend (markup) of the kinds that occur, measured ones first."""
    present = [kind for kind in LABELS if kind in label_kinds]
    others = sorted(kind for kind in label_kinds if kind not in LABELS)
    return legend(
        (
            f"{look_of(kind).title}{'' if look_of(kind).is_truth else ' (not measured)'}",
            look_of(kind).colour,
            look_of(kind).marker,
            look_of(kind).is_truth,
        )
        for kind in [*present, *others]
    )
