"""The answer of the page Predict beside other methods, other grids, and the measurements."""

from __future__ import annotations

from typing import Any

import polars as pl
from panel.viewable import Viewable

from panel_app import blocks, theme
from panel_app import format as fmt
from panel_app.charts.bars import horizontal_bars, ranges
from panel_app.charts.canvas import Axis
from panel_app.context import Context
from panel_app.queries import predict as queries
from panel_app.state import TRAINING
from panel_app.tables import TableColumn, table
from panel_app.views.predict_result import method_title
from panel_app.wording import in_words

COMPARED_ZONES = [
    "NO", "SE", "FR", "CH", "CA", "GB", "ES", "DE", "IE", "US", "JP", "SG", "WORLD", "CN", "AU",
    "PL", "IN", "ZA",
]  # fmt: skip

_SPLITS = {
    "leave_family_out": "model families",
    "leave_backbone_out": "base models",
    "leave_hardware_out": "hardware",
    "kfold_by_hardware": "rows, even by hardware",
    "random_kfold": "random rows",
}


def methods_card(task: str, row: dict[str, Any], methods: pl.DataFrame) -> Viewable:
    """Every method's answer side by side, as a picture and as a table."""
    suffix = "kwh" if task == TRAINING else "j_per_unit"
    divisor = 1e3 if task == TRAINING else 1.0
    names = {
        f"energy_{suffix}": "value",
        f"energy_lower_{suffix}": "lower",
        f"energy_upper_{suffix}": "upper",
    }
    written = fmt.energy if task == TRAINING else fmt.joules
    spanned = fmt.energy_range if task == TRAINING else fmt.joules_range
    rows = methods.with_columns(
        pl.col("method_title").alias("category"),
        (pl.col("method") == (row["method"] or "")).alias("is_marked"),
        (pl.col("method_kind") == "published_formula").alias("is_formula"),
        pl.Series(
            "value_text", [written(value) for value in methods[f"energy_{suffix}"]], pl.String
        ),
        pl.Series(
            "span_text",
            [
                spanned(low, high)
                for low, high in zip(
                    methods[f"energy_lower_{suffix}"],
                    methods[f"energy_upper_{suffix}"],
                    strict=True,
                )
            ],
            pl.String,
        ),
        *((pl.col(old) / divisor).alias(new) for old, new in names.items()),
    ).sort("is_marked", "value", descending=[True, False], nulls_last=True)
    unit = "MWh of the run" if task == TRAINING else "J per output token"
    figure = ranges(
        rows,
        value=Axis(f"Energy ({unit}, log scale)", "log"),
        category_title="",
        tips=[("Energy", "value_text"), ("Interval", "span_text")],
        marked_value=float(rows["value"][0]) if rows["value"][0] is not None else None,
    )
    columns = [
        TableColumn("category", "Method"),
        TableColumn("method_kind", "Kind", lambda kind: kind.replace("_", " ")),
        TableColumn(f"energy_{suffix}", "Energy", written, is_numeric=True),
        TableColumn("span_text", "Interval"),
        TableColumn("error", "Why not"),
    ]
    marks = blocks.legend(
        [
            ("the answer above", theme.ORANGE, "diamond", True),
            ("trained model or baseline", theme.BLUE, "circle", True),
            ("published formula", theme.BLUE, "square", False),
        ]
    )
    return blocks.card(
        "Every method, side by side",
        [
            blocks.plot(figure, f"Answers of {rows.height} methods with their intervals."),
            table(rows, columns, caption="Answers of all methods"),
        ],
        subtitle="Where methods disagree by more than their intervals, trust none of them blindly.",
        legend=marks,
        download=blocks.Download(f"joulehouse_methods_{task}.csv", lambda: methods),
    )


def regions(context: Context, task: str, energy_kwh: float | None, region_key: str) -> Viewable:
    """The same energy on other grids."""
    title = "The same, elsewhere"
    if energy_kwh is None:
        return blocks.card(
            title,
            blocks.empty(
                "No energy per request", "Say how many tokens a request writes to compare regions."
            ),
        )
    frame = queries.emissions_by_region(context.data, energy_kwh, COMPARED_ZONES, region_key)
    if not frame.height:
        return blocks.card(
            title, blocks.empty("No grid intensity is known yet", "The next refresh fetches it.")
        )
    largest_g = max(frame["emissions_kgco2e"].to_list()) * 1e3
    divisor, unit = fmt.fitting_unit(largest_g, "mass_g")
    written = in_words("emissions_kgco2e", fmt.emissions)
    figure = horizontal_bars(
        frame.select(
            pl.format("{} ({})", "grid_zone_name", "intensity_year").alias("category"),
            (pl.col("emissions_kgco2e") * 1e3 / divisor).alias("value"),
            "is_marked",
            written.alias("end"),
            written.alias("emissions"),
            in_words("carbon_intensity_gco2e_per_kwh", fmt.intensity).alias("intensity"),
            pl.col("intensity_source").fill_null(fmt.UNKNOWN).alias("source"),
        ),
        value=Axis(f"Emissions of the {'run' if task == TRAINING else 'request'} ({unit} CO₂e)"),
        category_title="",
        tips=[("Emissions", "emissions"), ("Intensity", "intensity"), ("Source", "source")],
        bar_height_px=24,
    )
    return blocks.card(
        title,
        blocks.plot(figure, "Emissions of the same energy on other grids."),
        subtitle="The predicted energy times each grid’s yearly average intensity; your region in "
        "orange. Moving the work moves these emissions only on average, not at the margin.",
        source="Year of each figure in brackets; sources in the CSV and on hovering.",
        download=blocks.Download(f"joulehouse_regions_{task}.csv", lambda: frame),
    )


def accuracy(context: Context, task: str) -> Viewable:
    """How far the methods were off on measured rows that they had not seen."""
    frame = queries.accuracy(context.data, task)
    title = "How good are the methods?"
    if not frame.height:
        return blocks.card(
            title,
            blocks.empty(
                "No method has been scored yet", "Scores come with training:", "joulehouse refresh"
            ),
        )
    rows = frame.with_columns(in_words("method", method_title).alias("title"))
    first = frame.filter(pl.col("split") == frame["split"][0])
    measured, groups = (
        max(first[name].drop_nulls().to_list(), default=0) for name in ("row_count", "group_count")
    )
    return blocks.card(
        title,
        table(
            rows,
            [
                TableColumn("title", "Method"),
                TableColumn("method_kind", "Kind", lambda kind: kind.replace("_", " ")),
                TableColumn("median_factor_error", "Off by", fmt.factor, is_numeric=True),
                TableColumn("within_2x_share", "Within 2×", fmt.share, is_numeric=True),
                TableColumn("r2_log", "R² (log)", fmt.significant, is_numeric=True),
                TableColumn("coverage_share", "Coverage", fmt.share, is_numeric=True),
                TableColumn("row_count", "Rows", fmt.count, is_numeric=True),
                TableColumn("group_count", "Groups", fmt.count, is_numeric=True),
                TableColumn("split", "Held out", _split_title),
            ],
            caption="Accuracy of the methods on rows they had not seen",
            page_rows=first.height,
        ),
        subtitle=f"On measured rows that the training had not seen, first of all whole model "
        f"families: at most {fmt.count(measured)} rows of {fmt.count(groups)} families. “Off by” "
        "is the median factor between prediction and measurement, either way.",
        download=blocks.Download(f"joulehouse_accuracy_{task}.csv", lambda: frame),
    )


def _split_title(split: str) -> str:
    return _SPLITS.get(split, split.replace("_", " "))
