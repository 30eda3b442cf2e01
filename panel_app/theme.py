"""Colours, type and spacing: one place, for the page and for the plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ASSETS_DIR = Path(__file__).parent / "assets"

# Okabe and Ito's palette, told apart by readers with any common colour vision; its black and
# yellow are left out because one vanishes on the dark surface and the other on the light one.
BLUE = "#0072B2"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#8A94A0"
# Marks and text in a plot cannot follow the theme; this grey can be read on both surfaces.
TEXT_ON_PLOT = "#75818E"
SERIES = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE)
MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle", "hex")

LIGHT = {
    "background": "#F6F5F1",
    "surface": "#FFFFFF",
    "raised": "#FBFAF8",
    "text": "#1B2430",
    "muted": "#596472",
    "line": "#E1DED6",
    "primary": "#0A6399",
    "on_primary": "#FFFFFF",
    "tint": "#E6F0F7",
    "warn": "#8A4B00",
    "warn_tint": "#FCF1DF",
    "bad": "#A3330C",
    "bad_tint": "#FBE9E1",
    "good": "#006B4E",
    "good_tint": "#E2F3EC",
}
DARK = {
    "background": "#0F141A",
    "surface": "#171E26",
    "raised": "#1D2530",
    "text": "#E9EDF1",
    "muted": "#A3AFBC",
    "line": "#2B3541",
    "primary": "#74BDEE",
    "on_primary": "#0B1620",
    "tint": "#172C3C",
    "warn": "#F1BC62",
    "warn_tint": "#33270F",
    "bad": "#FF9E74",
    "bad_tint": "#3A1D12",
    "good": "#5FD0A8",
    "good_tint": "#113026",
}


def theme_config() -> dict[str, Any]:
    """Material UI's theme for light and dark."""
    return {"light": _material(LIGHT), "dark": _material(DARK)}


def page_css() -> str:
    """The colours as custom properties; Material UI changes them with the theme."""
    names = (name.replace("_", "-") for name in LIGHT)
    colours = "".join(f"--jh-{name}:var(--mui-palette-jh-{name});" for name in names)
    return f":root{{{colours}}}\n{read_asset('page.css')}"


def blocks_css() -> str:
    """The stylesheet of every HTML block."""
    return read_asset("blocks.css")


def read_asset(name: str) -> str:
    """The text of a file in ``assets``."""
    return (ASSETS_DIR / name).read_text(encoding="utf-8")


def _material(colours: dict[str, str]) -> dict[str, Any]:
    return {
        "palette": {
            "primary": {"main": colours["primary"], "contrastText": colours["on_primary"]},
            "background": {"default": colours["background"], "paper": colours["surface"]},
            "text": {"primary": colours["text"], "secondary": colours["muted"]},
            "divider": colours["line"],
            "jh": {name.replace("_", "-"): value for name, value in colours.items()},
        },
        "shape": {"borderRadius": 10},
        "typography": {"fontFamily": "Roboto, 'Helvetica Neue', Arial, sans-serif"},
    }
