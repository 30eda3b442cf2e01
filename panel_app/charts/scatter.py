"""Points by label kind: size against energy, energy over release dates."""

from __future__ import annotations

import polars as pl

from panel_app.charts.canvas import Axis, Figure, canvas, hover, source_of, tooltip
from panel_app.charts.labels import label_title, look_of

_MARK_SIZE = 10
# Beyond this many marks they are smaller and let each other show through.
_MANY_MARKS = 150
_SMALL_MARK_SIZE = 7


def labelled_scatter(
    frame: pl.DataFrame,
    *,
    x: Axis,
    y: Axis,
    tips: list[tuple[str, str]],
    height: int = 380,
) -> Figure:
    """Points with one colour and marker per label kind; measured ones filled, others hollow.

    ``frame`` holds ``x`` and ``y`` (in the axes' units), ``label_kind``, ``title`` and the text
    columns that ``tips`` names as (label, column). Rows without x or y are not drawn, and neither
    are rows that a logarithmic axis cannot show.
    """
    drawn = frame.filter(pl.col("x").is_not_null() & pl.col("y").is_not_null())
    for name, axis in (("x", x), ("y", y)):
        if axis.kind == "log":
            drawn = drawn.filter(pl.col(name) > 0)
    filled = 0.7 if drawn.height <= _MANY_MARKS else 0.35
    figure = canvas(x, y, height=height)
    renderers = []
    for key, part in drawn.group_by("label_kind", maintain_order=True):
        label_kind = key[0] if isinstance(key[0], str) else None
        look = look_of(label_kind)
        source = source_of(
            part.select("x", "y", "title", *(column for _, column in tips)).with_columns(
                pl.lit(label_title(label_kind)).alias("label_title")
            )
        )
        renderers.append(
            figure.scatter(
                "x",
                "y",
                source=source,
                marker=look.marker,
                size=_MARK_SIZE if drawn.height <= _MANY_MARKS else _SMALL_MARK_SIZE,
                line_color=look.colour,
                line_width=1.6,
                fill_color=look.colour,
                fill_alpha=filled if look.is_truth else 0.0,
                name=label_kind or "unknown",
            )
        )
    if renderers:
        tips_text = tooltip("title", [*tips, ("How made", "label_title")])
        hover(figure, tips_text, renderers)
    return figure
