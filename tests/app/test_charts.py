"""Charts are functions of frames: units in the titles, gaps kept, kinds told apart."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from bokeh.models import GlyphRenderer, HoverTool, Line, Scatter

from panel_app.charts.bars import horizontal_bars, ranges
from panel_app.charts.canvas import Axis, source_of, wrapped
from panel_app.charts.labels import LABELS, label_legend, look_of
from panel_app.charts.lines import look_of_series, series
from panel_app.charts.scatter import labelled_scatter
from panel_app.charts.spread import spread_by_category


def runs() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "x": [1e9, 7e9, 70e9, None],
            "y": [4.1, 73.0, 0.0, 5.0],
            "title": ["a", "b", "c", "d"],
            "label_kind": ["counter", "tdp_derived", "counter", "counter"],
            "energy": ["4.1 MWh", "73 MWh", "0 MWh", "5 MWh"],
        }
    )


def renderers(figure, glyph_type) -> list[GlyphRenderer]:
    return [found for found in figure.renderers if isinstance(found.glyph, glyph_type)]


def test_axis_titles_name_their_units():
    figure = labelled_scatter(
        runs(),
        x=Axis("Parameters of the model (B = billion), log scale", "log"),
        y=Axis("Energy of the run (MWh)", "log"),
        tips=[("Energy", "energy")],
    )
    assert "(B = billion)" in figure.xaxis[0].axis_label
    assert "(MWh)" in figure.yaxis[0].axis_label
    [hover] = figure.select(HoverTool)
    assert "@{energy}" in hover.tooltips


def test_a_log_axis_leaves_out_what_it_cannot_show():
    figure = labelled_scatter(runs(), x=Axis("x", "log"), y=Axis("y", "log"), tips=[])
    drawn = sum(len(found.data_source.data["x"]) for found in renderers(figure, Scatter))
    # Of four rows one has no x and one has y = 0.
    assert drawn == 2


def test_measured_and_computed_figures_look_different():
    figure = labelled_scatter(runs(), x=Axis("x", "log"), y=Axis("y", "log"), tips=[])
    looks = {found.name: found.glyph for found in renderers(figure, Scatter)}
    assert looks["counter"].marker != looks["tdp_derived"].marker
    assert looks["counter"].fill_alpha > 0
    assert looks["tdp_derived"].fill_alpha == 0


def test_every_label_kind_has_its_own_colour_and_marker():
    assert len({look.colour for look in LABELS.values()}) == len(LABELS)
    assert len({look.marker for look in LABELS.values()}) == len(LABELS)
    assert not look_of("something new").is_truth


def test_a_legend_says_what_was_not_measured():
    legend = label_legend(["tdp_derived", "counter"])
    assert "Hours × TDP (not measured)" in legend
    assert legend.index("Hardware counter") < legend.index("Hours × TDP")


def test_an_unknown_hour_is_a_gap_and_not_zero():
    frame = pl.DataFrame(
        {
            "category": ["DE"] * 3,
            "x": [datetime(2020, 1, 1, hour, tzinfo=UTC) for hour in range(3)],
            "y": [300.0, None, 310.0],
            "title": ["Germany"] * 3,
            "text": ["300", "not known", "310"],
        }
    )
    figure = series(
        frame,
        x=Axis("Hour (UTC)", "datetime"),
        y=Axis("Carbon intensity (gCO₂e per kWh)", is_from_zero=True),
        order=["FR", "DE"],
        tips=[("Intensity", "text")],
    )
    [line] = renderers(figure, Line)
    values = line.data_source.data["y"]
    assert np.isnan(values[1])
    assert values[0] == 300.0
    assert figure.y_range.start == 0


def test_a_zone_keeps_its_colour_whichever_others_are_there():
    frame = pl.DataFrame(
        {"category": ["DE"], "x": [1], "y": [2.0], "title": ["Germany"], "text": ["2"]}
    )
    figure = series(frame, x=Axis("x"), y=Axis("y"), order=["FR", "DE"], tips=[("y", "text")])
    [line] = renderers(figure, Line)
    assert line.glyph.line_color == look_of_series(1)[0]
    assert look_of_series(0) != look_of_series(1)


def test_categories_are_ordered_by_their_median():
    frame = pl.DataFrame(
        {
            "category": ["H100", "H100", "B200", "B200"],
            "value": [1.0, 3.0, 0.5, 0.7],
            "title": ["m"] * 4,
            "text": [""] * 4,
        }
    )
    figure = spread_by_category(
        frame,
        value=Axis("Energy per 1,000 output tokens (Wh)", "log"),
        category_title="",
        tips=[("Energy", "text")],
    )
    # The lowest is at the top, which is the end of a categorical axis.
    assert list(figure.y_range.factors) == ["H100", "B200"]


def test_bars_begin_at_zero_and_keep_their_order():
    frame = pl.DataFrame(
        {"category": ["Norway", "Poland"], "value": [28.0, 591.0], "text": ["28", "591"]}
    )
    figure = horizontal_bars(
        frame,
        value=Axis("Carbon intensity (gCO₂e per kWh)"),
        category_title="",
        tips=[("Intensity", "text")],
    )
    assert figure.x_range.start == 0
    assert list(figure.y_range.factors) == ["Poland", "Norway"]


def test_a_method_without_an_answer_is_not_drawn():
    frame = pl.DataFrame(
        {
            "category": ["forest", "formula"],
            "value": [36.0, None],
            "lower": [17.0, None],
            "upper": [75.0, None],
            "is_marked": [True, False],
            "is_formula": [False, True],
            "text": ["36 MWh", "not known"],
        }
    )
    figure = ranges(
        frame, value=Axis("Energy (MWh)", "log"), category_title="", tips=[("Energy", "text")]
    )
    assert list(figure.y_range.factors) == ["forest"]


def test_unknown_numbers_reach_the_browser_as_nan():
    source = source_of(pl.DataFrame({"whole": [1, None], "real": [1.5, None], "text": ["a", None]}))
    assert np.isnan(source.data["whole"][1])
    assert np.isnan(source.data["real"][1])
    assert source.data["text"] == ["a", None]


@pytest.mark.parametrize(
    ("label", "lines"),
    [("NVIDIA A100 SXM 80GB\nservers · measured · n=3", 2), ("short", 1)],
)
def test_long_names_are_broken_where_they_say(label, lines):
    assert wrapped(label, 30).count("\n") + 1 == lines
