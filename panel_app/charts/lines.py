"""Lines over time or over the hours of a day, one per zone; gaps stay gaps."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from panel_app import theme
from panel_app.charts.canvas import Axis, Figure, canvas, hover, source_of, tooltip

# Long lines carry a marker at every so manieth point only.
_MARKERS_A_LINE = 24


def series(
    frame: pl.DataFrame,
    *,
    x: Axis,
    y: Axis,
    order: Sequence[str],
    tips: list[tuple[str, str]],
    height: int = 320,
    with_band: bool = False,
) -> Figure:
    """One line per ``category``; colour and marker tell them apart.

    ``frame`` holds ``category``, ``x``, ``y`` (null where nothing is known, so that the line
    breaks), ``title`` and the text columns of ``tips``; with ``with_band`` also ``lower`` and
    ``upper``. ``order`` gives each category its colour, whichever of them are present.
    """
    figure = canvas(x, y, height=height)
    renderers = []
    for position, category in enumerate(order):
        part = frame.filter(pl.col("category") == category)
        if not part.height:
            continue
        colour, marker = look_of_series(position)
        source = source_of(part)
        if with_band:
            figure.varea("x", "lower", "upper", source=source, fill_color=colour, fill_alpha=0.12)
        line = figure.line("x", "y", source=source, line_color=colour, line_width=2)
        every = max(1, part.height // _MARKERS_A_LINE)
        marked = part.gather_every(every, offset=(position * 3) % every)
        figure.scatter(
            "x",
            "y",
            source=source_of(marked.select("x", "y")),
            marker=marker,
            size=7,
            line_color=colour,
            fill_color=colour,
        )
        renderers.append(line)
    if renderers:
        hover(figure, tooltip("title", tips), renderers)
    return figure


def look_of_series(position: int) -> tuple[str, str]:
    """Colour and marker of the n-th line."""
    size = len(theme.SERIES)
    return theme.SERIES[position % size], theme.MARKERS[position % size]
