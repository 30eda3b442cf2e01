"""The pictures and the table of the page Explore, for the rows that were chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from panel.viewable import Viewable

from panel_app import blocks
from panel_app import format as fmt
from panel_app.charts.bars import horizontal_bars
from panel_app.charts.canvas import Axis
from panel_app.charts.labels import boundary_title, label_legend, label_title
from panel_app.charts.scatter import labelled_scatter
from panel_app.context import Context
from panel_app.measures import X_MEASURES, Y_MEASURES, Measure, measure_of
from panel_app.queries import explore as queries
from panel_app.sources import cited
from panel_app.tables import TableColumn, table
from panel_app.wording import in_words

_LARGEST_HARDWARE_COUNT = 14
_ASSUMED = "world_average_assumed"
_GRIDS = {
    "stated_by_source": "as the source states",
    "region": "of its region",
    _ASSUMED: "world’s average, assumed",
}
_TIPS = [("Hardware", "hardware_name"), ("Boundary", "boundary")]


@dataclass(frozen=True)
class Parts:
    """The parts of the page for one choice of rows and axes."""

    context: Context
    frame: pl.DataFrame

    def all(self) -> list[tuple[str, Callable[[], Viewable]]]:
        """Every part with its name, from the top."""
        return [
            ("The scatter", self.scatter),
            ("The averages", self.averages),
            ("The time series", self.over_time),
            ("The table", self.rows),
        ]

    @property
    def x(self) -> Measure:
        """What is on the horizontal axis."""
        state = self.context.state.explore
        return measure_of(X_MEASURES[state.task], state.x)

    @property
    def y(self) -> Measure:
        """What is on the vertical axis."""
        state = self.context.state.explore
        return measure_of(Y_MEASURES[state.task], state.y)

    def scatter(self) -> Viewable:
        """One column against another."""
        state = self.context.state.explore
        title = f"{self.y.label} against {self.x.label.lower()}"
        drawn = self._drawn(self.frame, pl.col(self.x.column) / self.x.divisor)
        missing = self.frame.height - drawn.height
        if not drawn.height:
            return self._cannot_draw(title)
        figure = labelled_scatter(
            drawn,
            x=_axis(self.x, is_log=state.log_x),
            y=_axis(self.y, is_log=state.log_y),
            tips=[(self.y.label, "y_text"), (self.x.label, "x_text"), *self._tips()],
            height=430,
        )
        return blocks.card(
            title,
            [
                *_mixed_boundaries(drawn),
                *self._assumed_grids(),
                blocks.plot(figure, f"{title}: {drawn.height} rows."),
            ],
            subtitle=_counted(
                drawn.height, missing, f"{self.x.label.lower()} or {self.y.label.lower()}"
            ),
            legend=label_legend(_kinds(drawn)),
            source=self._source(),
            download=self._download("scatter", self.frame),
        )

    def averages(self) -> Viewable:
        """Means by hardware."""
        means = queries.averages(self.frame, self.y.column).head(_LARGEST_HARDWARE_COUNT)
        title = f"Average {self.y.label.lower()} by hardware"
        if not means.height:
            return self._cannot_draw(title)
        bars = means.select(
            pl.format(
                "{}\n{} · {} · n={}",
                "hardware_name",
                in_words("boundary", boundary_title),
                pl.when("is_truth").then(pl.lit("measured")).otherwise(pl.lit("not measured")),
                "row_count",
            ).alias("category"),
            (pl.col("mean") / self.y.divisor).alias("value"),
            (~pl.col("is_truth")).alias("is_hollow"),
            *(in_words(name, self.y.written).alias(f"{name}_text") for name in ("mean", "median")),
            "row_count",
            in_words("mean", self.y.written).alias("end"),
        )
        figure = horizontal_bars(
            bars,
            value=Axis(f"{self.y.title}, mean"),
            category_title="",
            tips=[("Mean", "mean_text"), ("Median", "median_text"), ("Rows", "row_count")],
            bar_height_px=30,
            label_width=22 if self.context.narrow else 40,
        )
        return blocks.card(
            title,
            blocks.plot(figure, f"{title}: {means.height} groups."),
            subtitle="Means of like with like: boundaries, and measured and unmeasured figures, "
            "stay apart. Hollow bars were not measured.",
            source=self._source(),
            download=self._download("by_hardware", means),
        )

    def over_time(self) -> Viewable:
        """The same column over release dates."""
        state = self.context.state.explore
        title = f"{self.y.label} over release dates"
        dated = self.frame.filter(pl.col("release_date").is_not_null())
        drawn = self._drawn(dated, pl.col("release_date").cast(pl.Datetime("ms")))
        if not drawn.height:
            return self._cannot_draw(title)
        figure = labelled_scatter(
            drawn,
            x=Axis("Release date of the model", "datetime"),
            y=_axis(self.y, is_log=state.log_y),
            tips=[(self.y.label, "y_text"), ("Released", "released"), *self._tips()],
            height=340,
        )
        return blocks.card(
            title,
            blocks.plot(figure, f"{title}: {drawn.height} rows."),
            subtitle=_counted(
                drawn.height, self.frame.height - drawn.height, "release date or value"
            ),
            legend=label_legend(_kinds(drawn)),
            source=self._source(),
            download=self._download("over_time", dated),
        )

    def rows(self) -> Viewable:
        """The chosen rows themselves."""
        shown = self.frame.with_columns(
            pl.when(pl.col("is_suspect").fill_null(value=False))
            .then(pl.col("suspect_reason").fill_null("contradicts itself"))
            .alias("remark")
        )
        columns = [
            TableColumn("model_name", "Model", link_column="source_url"),
            TableColumn("hardware_name", "Hardware"),
            *(
                TableColumn(measure.column, measure.label, measure.written, is_numeric=True)
                for measure in (self.x, self.y)
            ),
            TableColumn("label_kind", "How made", label_title),
            TableColumn("boundary", "Boundary", boundary_title),
            TableColumn("release_date", "Released", fmt.day),
        ]
        if self.y.is_from_intensity:
            columns.append(TableColumn("intensity_choice", "Grid", _grid_title))
        if shown["remark"].drop_nulls().len():
            columns.append(TableColumn("remark", "Remark"))
        return blocks.card(
            "The rows",
            table(shown, columns, caption="The chosen rows", page_rows=12),
            subtitle="Each model links to what was read. The CSV holds every column.",
            download=self._download("rows", self.frame),
        )

    def _drawn(self, frame: pl.DataFrame, x: pl.Expr) -> pl.DataFrame:
        """Rows that have both coordinates, as the charts want them."""
        return frame.select(
            x.alias("x"),
            (pl.col(self.y.column) / self.y.divisor).alias("y"),
            in_words(self.x.column, self.x.written).alias("x_text"),
            in_words(self.y.column, self.y.written).alias("y_text"),
            pl.col("model_name").fill_null("unnamed").alias("title"),
            pl.col("hardware_name").fill_null(fmt.UNKNOWN),
            in_words("boundary", boundary_title).alias("boundary"),
            in_words("release_date", fmt.day).alias("released"),
            in_words("intensity_choice", _grid_title).alias("grid"),
            "label_kind",
        ).filter(pl.col("x").is_not_null() & pl.col("y").is_not_null())

    def _tips(self) -> list[tuple[str, str]]:
        return [*_TIPS, ("Grid", "grid")] if self.y.is_from_intensity else _TIPS

    def _source(self) -> str:
        return cited(self.context, self.frame["source_id"].drop_nulls().unique().to_list())

    def _assumed_grids(self) -> list[Viewable]:
        """How many emissions rest on the world's average because nobody said where it ran."""
        if not self.y.is_from_intensity:
            return []
        known = self.frame.filter(pl.col(self.y.column).is_not_null())
        assumed = known.filter(pl.col("intensity_choice") == _ASSUMED).height
        if not assumed:
            return []
        return [
            blocks.banner(
                f"<strong>{assumed} of {known.height} rows do not say where they ran:</strong> "
                "their emissions assume the world’s average grid. Operational emissions only; "
                "making the hardware is not included.",
                "warn",
            )
        ]

    def _cannot_draw(self, title: str) -> Viewable:
        return blocks.card(
            title,
            blocks.empty(
                f"None of the {self.frame.height} chosen rows has the values for this",
                "Choose another axis or clear a filter; the table below shows what is known.",
            ),
        )

    def _download(self, what: str, frame: pl.DataFrame) -> blocks.Download:
        task = self.context.state.explore.task
        return blocks.Download(f"joulehouse_{task}_{what}.csv", lambda: frame)


def _grid_title(intensity_choice: str | None) -> str:
    return _GRIDS.get(intensity_choice or "", "no intensity")


def _axis(measure: Measure, *, is_log: bool) -> Axis:
    title = f"{measure.title}, log scale" if is_log else measure.title
    return Axis(title, "log" if is_log else "linear")


def _kinds(frame: pl.DataFrame) -> list[str]:
    return sorted(frame["label_kind"].drop_nulls().unique().to_list())


def _mixed_boundaries(drawn: pl.DataFrame) -> list[Viewable]:
    boundaries = sorted(drawn["boundary"].unique().to_list())
    if len(boundaries) < 2:
        return []
    return [
        blocks.html(
            '<p class="muted small">These rows have different system boundaries '
            f"({', '.join(boundaries)}): a facility’s figure includes cooling, an accelerator’s "
            "does not. Filter by boundary to compare.</p>"
        )
    ]


def _counted(shown: int, missing: int, what: str) -> str:
    rows = f"{shown} row{'s' if shown != 1 else ''}"
    return f"{rows}; {missing} more have no {what}." if missing else f"{rows}."
