"""The plain figure that every chart begins with, its axes and its tooltips."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal, TypeAlias

import polars as pl
from bokeh.models import Axis as BokehAxis
from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    CustomJSTickFormatter,
    DataRange1d,
    DatetimeTicker,
    DatetimeTickFormatter,
    HoverTool,
    LogTicker,
    NumeralTickFormatter,
    TickFormatter,
    Toolbar,
)
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure as _figure

Figure: TypeAlias = _figure
AxisType = Literal["linear", "log", "datetime", "year"]

_LONGEST_LINE = 36
# Bokeh's own tooltip and toolbar are white in every theme. The tooltip's content covers the box
# around it, padding and border included.
_TOOLTIP_STYLE = (
    "margin:-7px;padding:10px 14px;max-width:320px;font:13px/1.4 Roboto,Arial,sans-serif;"
    "color:var(--jh-text);background:var(--jh-surface);border:1px solid var(--jh-line)"
)
# An inner toolbar spans the plot; only its buttons may take the pointer from the marks below.
_TOOLBAR_CSS = """
:host(.bk-inner) { background: none; opacity: 1; pointer-events: none; }
:host(.bk-inner) > * { pointer-events: all; }
"""

# 1500000 reads 1.5M on an axis, 0.001 stays 0.001; the axis title says what M means where it is
# not plain (parameters in billions are written B).
_SHORT_NUMBER_JS = """
const size = Math.abs(tick)
const steps = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]]
for (const [step, suffix] of steps) {
  if (size >= step * 0.9999) { return parseFloat((tick / step).toPrecision(3)) + suffix }
}
return String(parseFloat(tick.toPrecision(3)))
"""


@dataclass(frozen=True)
class Axis:
    """An axis: its title with the unit, and its kind."""

    title: str
    kind: AxisType = "linear"
    bounds: tuple[float, float] | None = None
    is_from_zero: bool = False
    categories: Sequence[str] | None = None


def canvas(x: Axis, y: Axis, *, height: int = 340) -> Figure:
    """An empty figure as wide as its place, with quiet axes and a small toolbar."""
    options: dict[str, Any] = {
        "x_axis_label": _broken(x.title),
        "y_axis_label": _broken(y.title),
        "tools": "pan,box_zoom,wheel_zoom,reset",
        "active_drag": None,
        "active_scroll": None,
    }
    for name, axis in (("x", x), ("y", y)):
        if axis.categories is not None:
            options[f"{name}_range"] = list(axis.categories)
        else:
            options[f"{name}_axis_type"] = "linear" if axis.kind == "year" else axis.kind
            if axis.bounds is not None:
                options[f"{name}_range"] = axis.bounds
    figure = Figure(
        height=height,
        sizing_mode="stretch_width",
        toolbar_location="above",
        toolbar_inner=True,
        outline_line_color=None,
        min_border_right=12,
        **options,
    )
    quiet_toolbar(figure.toolbar)
    for axis, models in ((x, figure.xaxis), (y, figure.yaxis)):
        for model in models:
            _format_ticks(model, axis)
    if y.is_from_zero and isinstance(figure.y_range, DataRange1d):
        figure.y_range.start = 0
    if x.categories is not None:
        figure.xgrid.grid_line_color = None
    if y.categories is not None:
        figure.ygrid.grid_line_color = None
    return figure


def quiet_toolbar(toolbar: Toolbar) -> None:
    """No logo, and the tools only while the pointer is on the plot."""
    toolbar.logo = None
    toolbar.autohide = True
    toolbar.stylesheets = [_TOOLBAR_CSS]


def tooltip(title_column: str, rows: Sequence[tuple[str, str]]) -> str:
    """A tooltip: the mark's name, then label and value; every value column is ready text."""
    lines = "".join(
        f'<tr><td style="padding:1px 12px 1px 0;color:var(--jh-muted)">{escape(label)}</td>'
        f"<td>@{{{column}}}</td></tr>"
        for label, column in rows
    )
    return (
        f'<div style="{_TOOLTIP_STYLE}">'
        f"<strong>@{{{title_column}}}</strong>"
        f'<table style="border-collapse:collapse;margin-top:4px">{lines}</table></div>'
    )


def hover(
    figure: Figure,
    tooltips: str,
    renderers: Sequence[GlyphRenderer],
    *,
    line_policy: Literal["nearest", "prev"] = "nearest",
) -> None:
    """Show ``tooltips`` over the given marks."""
    figure.add_tools(
        HoverTool(
            tooltips=tooltips,
            renderers=list(renderers),
            visible=False,
            show_arrow=False,
            line_policy=line_policy,
        )
    )


def _broken(title: str) -> str:
    """A long title on two lines, the unit on the second, so that it fits a phone."""
    if len(title) <= _LONGEST_LINE:
        return title
    head, bracket, tail = title.partition(" (")
    if bracket:
        return f"{head}\n({tail}"
    return "\n".join(textwrap.wrap(title, _LONGEST_LINE))


def wrapped(label: str, width: int = 30) -> str:
    """A category's name with each of its lines broken to at most ``width`` characters."""
    lines = [textwrap.wrap(line, width, break_long_words=False) for line in label.split("\n")]
    return "\n".join(part for line in lines for part in line) or label


def source_of(frame: pl.DataFrame) -> ColumnDataSource:
    """A frame as Bokeh's data: unknown numbers become NaN, which is a gap (null would be zero)."""
    data: dict[str, Any] = {}
    for name, dtype in frame.schema.items():
        column = frame[name]
        if dtype.is_float() or (dtype.is_numeric() and column.null_count()):
            data[name] = column.cast(pl.Float64).to_numpy()
        else:
            data[name] = column.to_list()
    return ColumnDataSource(data)


def _format_ticks(model: BokehAxis, axis: Axis) -> None:
    if axis.categories is not None:
        model.major_tick_line_color = None
        return
    formatter: TickFormatter
    if axis.kind == "datetime":
        formatter = DatetimeTickFormatter(
            hours="%H:%M", days="%d %b", months="%b %Y", years="%Y", hourmin="%H:%M"
        )
        model.ticker = DatetimeTicker(desired_num_ticks=4, num_minor_ticks=0)
    elif axis.kind == "year":
        formatter = NumeralTickFormatter(format="0")
        model.ticker = BasicTicker(desired_num_ticks=5, num_minor_ticks=0, min_interval=1)
    else:
        formatter = CustomJSTickFormatter(code=_SHORT_NUMBER_JS)
        if axis.kind == "log":
            model.ticker = LogTicker(desired_num_ticks=5, num_minor_ticks=0)
    model.formatter = formatter
