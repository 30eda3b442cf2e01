"""Spreads by category: every point, with median and the middle 80 % beside them."""

from __future__ import annotations

import polars as pl
from bokeh.models.annotations import TeeHead, Whisker
from bokeh.transform import jitter

from panel_app import theme
from panel_app.charts.canvas import Axis, Figure, canvas, hover, source_of, tooltip


def spread_by_category(
    frame: pl.DataFrame,
    *,
    value: Axis,
    category_title: str,
    tips: list[tuple[str, str]],
    height: int | None = None,
) -> Figure:
    """Horizontal strips, one per category, lowest median at the top.

    ``frame`` holds ``category``, ``value`` (in the axis' unit), ``title`` and the text columns of
    ``tips``. The bar runs from the 10th to the 90th percentile, the line marks the median.
    """
    drawn = frame.filter(pl.col("value").is_not_null() & pl.col("category").is_not_null())
    if value.kind == "log":
        drawn = drawn.filter(pl.col("value") > 0)
    summary = (
        drawn.group_by("category")
        .agg(
            pl.col("value").quantile(0.1).alias("lower"),
            pl.col("value").median().alias("median"),
            pl.col("value").quantile(0.9).alias("upper"),
        )
        .sort("median", descending=True)
    )
    categories = summary["category"].to_list()
    figure = canvas(
        value,
        Axis(category_title, categories=categories),
        height=height or max(180, 70 + 62 * len(categories)),
    )
    points = source_of(drawn.select("category", "value", "title", *(column for _, column in tips)))
    marks = figure.scatter(
        "value",
        jitter("category", width=0.42, range=figure.y_range),
        source=points,
        size=6,
        fill_color=theme.BLUE,
        fill_alpha=0.35,
        line_color=None,
    )
    bars = source_of(summary)
    whisker = Whisker(
        base="category",
        lower="lower",
        upper="upper",
        source=bars,
        dimension="width",
        level="annotation",
        line_color=theme.ORANGE,
        line_width=2.5,
        upper_head=_end(),
        lower_head=_end(),
    )
    figure.add_layout(whisker)
    figure.scatter(
        "median",
        "category",
        source=bars,
        marker="diamond",
        size=16,
        fill_color=theme.ORANGE,
        line_color=theme.ORANGE,
        level="annotation",
    )
    hover(figure, tooltip("title", tips), [marks])
    return figure


def _end() -> TeeHead:
    return TeeHead(size=14, line_color=theme.ORANGE, line_width=2.5)
