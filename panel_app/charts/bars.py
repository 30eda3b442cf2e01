"""Bars and ranges by category."""

from __future__ import annotations

import polars as pl
from bokeh.models.annotations import Span

from panel_app import theme
from panel_app.charts.canvas import Axis, Figure, canvas, hover, source_of, tooltip, wrapped

_ROOM_FOR_TEXT = 1.22
_LINE_PX = 15


def horizontal_bars(
    frame: pl.DataFrame,
    *,
    value: Axis,
    category_title: str,
    tips: list[tuple[str, str]],
    bar_height_px: int = 34,
    label_width: int = 30,
) -> Figure:
    """One bar per category, in the frame's order from the top.

    ``frame`` holds ``category``, ``value`` (in the axis' unit, from zero), the text columns of
    ``tips`` and, if some bars are to stand out, the booleans ``is_marked`` (in orange) and
    ``is_hollow`` (outline only). A text column ``end`` is written at the end of the bars.
    """
    rows = frame.filter(pl.col("value").is_not_null()).reverse()
    rows = rows.with_columns(
        pl.lit(False).alias(name) for name in ("is_marked", "is_hollow") if name not in rows.columns
    ).with_columns(
        pl.when(pl.col("is_marked"))
        .then(pl.lit(theme.ORANGE))
        .otherwise(pl.lit(theme.BLUE))
        .alias("colour"),
        pl.when(pl.col("is_hollow")).then(0.0).otherwise(0.9).alias("fill_alpha"),
    )
    places = [wrapped(name, label_width) for name in rows["category"]]
    lines = max((place.count("\n") + 1 for place in places), default=1)
    largest = rows["value"].max() if rows.height else None
    upper = (
        float(largest) * _ROOM_FOR_TEXT
        if isinstance(largest, (int, float)) and largest > 0
        else 1.0
    )
    figure = canvas(
        Axis(value.title, "linear", (0.0, upper)),
        Axis(category_title, categories=places),
        height=90 + max(bar_height_px, _LINE_PX * lines + 10) * max(rows.height, 1),
    )
    source = source_of(rows.with_columns(pl.Series("place", places, pl.String)))
    bars = figure.hbar(
        y="place",
        right="value",
        left=0,
        height=0.62,
        source=source,
        fill_color="colour",
        line_color="colour",
        line_width=1.6,
        fill_alpha="fill_alpha",
    )
    if "end" in rows.columns:
        figure.text(
            "value",
            "place",
            "end",
            source=source,
            x_offset=6,
            text_baseline="middle",
            text_font_size="12px",
            text_font={"value": "Roboto, Arial, sans-serif"},
            text_color=theme.TEXT_ON_PLOT,
        )
    hover(figure, tooltip("category", tips), [bars])
    return figure


def ranges(
    frame: pl.DataFrame,
    *,
    value: Axis,
    category_title: str,
    tips: list[tuple[str, str]],
    marked_value: float | None = None,
    row_height_px: int = 34,
) -> Figure:
    """One point with its interval per category, in the frame's order from the top.

    ``frame`` holds ``category``, ``value``, ``lower``, ``upper`` (null where there is no interval),
    ``is_marked`` and ``is_formula`` (booleans), and the text columns of ``tips``. The marked row is
    a filled orange diamond; published formulas are hollow squares, the others filled circles.
    """
    rows = frame.filter(pl.col("value").is_not_null()).reverse()
    figure = canvas(
        value,
        Axis(category_title, categories=rows["category"].to_list()),
        height=100 + row_height_px * max(rows.height, 1),
    )
    bounded = rows.filter(pl.col("lower").is_not_null() & pl.col("upper").is_not_null())
    for is_marked, colour in ((False, theme.BLUE), (True, theme.ORANGE)):
        part = bounded.filter(pl.col("is_marked") == is_marked)
        figure.segment(
            x0=part["lower"].to_list(),
            x1=part["upper"].to_list(),
            y0=part["category"].to_list(),
            y1=part["category"].to_list(),
            line_width=5,
            line_alpha=0.45,
            line_color=colour,
            line_cap="round",
        )
    if marked_value is not None:
        figure.add_layout(
            Span(
                location=marked_value,
                dimension="height",
                line_color=theme.ORANGE,
                line_dash="dotted",
                line_width=1.5,
            )
        )
    marks = []
    for is_marked, is_formula, marker, colour, size in (
        (False, False, "circle", theme.BLUE, 11),
        (False, True, "square", theme.BLUE, 10),
        (True, False, "diamond", theme.ORANGE, 17),
        (True, True, "diamond", theme.ORANGE, 17),
    ):
        part = rows.filter(
            (pl.col("is_marked") == is_marked) & (pl.col("is_formula") == is_formula)
        )
        if part.height:
            marks.append(
                figure.scatter(
                    "value",
                    "category",
                    source=source_of(part),
                    marker=marker,
                    size=size,
                    line_color=colour,
                    line_width=2,
                    fill_color=colour,
                    fill_alpha=0.0 if is_formula and not is_marked else 1.0,
                )
            )
    if marks:
        hover(figure, tooltip("category", tips), marks)
    return figure
