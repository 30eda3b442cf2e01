"""The pictures of the page Grid, for the zones, basis and time that were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from panel.viewable import Viewable

from panel_app import blocks, theme
from panel_app import format as fmt
from panel_app.charts.bars import ranges
from panel_app.charts.canvas import Axis
from panel_app.charts.lines import look_of_series, series
from panel_app.context import Context
from panel_app.queries import grid as queries
from panel_app.sources import cited
from panel_app.wording import in_words

MOST_ZONES = len(theme.SERIES)

_INTENSITY = "carbon_intensity_gco2e_per_kwh"
_LOWER = "carbon_intensity_lower_gco2e_per_kwh"
_UPPER = "carbon_intensity_upper_gco2e_per_kwh"
_SCOPE_NOTES = {
    "lifecycle": "Lifecycle factors: building the plants and bringing the fuel included.",
    "direct": "Direct factors: only what leaves the chimney.",
}


@dataclass(frozen=True)
class Parts:
    """The parts of the page for one choice."""

    context: Context
    zone_ids: list[str]
    zone_names: Mapping[str, str]
    scope: str
    year: int
    month: int

    @classmethod
    def of(cls, context: Context) -> Parts:
        """What the state chooses, where the warehouse has it; else what it has first."""
        state = context.state.grid
        names = queries.zone_names(context.data)
        years = queries.years_with_hours(context.data)
        chosen = [zone for zone in state.zone if zone in names]
        return cls(
            context=context,
            zone_ids=(chosen or list(names)[:4])[:MOST_ZONES],
            zone_names=names,
            scope=state.scope,
            year=state.year if state.year in years else next(iter(years), 0),
            month=state.month,
        )

    def monthly(self) -> Viewable:
        """Means by month."""
        frame = queries.monthly(self.context.data, self.zone_ids, self.scope)
        if not frame[_INTENSITY].drop_nulls().len():
            return _no_hours("By month")
        figure = series(
            self._over_time(frame, "month_start_at", "%b %Y"),
            x=Axis("Month (UTC)", "datetime"),
            y=self._axis(),
            order=self.zone_ids,
            tips=[("Mean", "value_text"), ("Month", "when")],
            height=340,
        )
        return blocks.card(
            "By month",
            blocks.plot(figure, f"Monthly carbon intensity of {len(self.zone_ids)} zones."),
            subtitle="Means over the known hours; a month of which less than half is known stays "
            "a gap.",
            legend=self._legend(frame),
            source=self._source(),
            download=blocks.Download("joulehouse_grid_monthly.csv", lambda: frame),
        )

    def day_profile(self) -> Viewable:
        """The hours of an average day."""
        frame = queries.day_profile(self.context.data, self.zone_ids, self.scope, self.year)
        title = f"An average day of {self.year}"
        if not frame.height:
            return _no_hours(title)
        drawn = frame.select(
            pl.col("grid_zone_id").alias("category"),
            pl.col("hour_utc").alias("x"),
            pl.col(_INTENSITY).alias("y"),
            pl.col(_LOWER).alias("lower"),
            pl.col(_UPPER).alias("upper"),
            self._named().alias("title"),
            in_words(_INTENSITY, fmt.intensity).alias("value_text"),
            pl.format("{}:00 UTC", pl.col("hour_utc").cast(pl.String).str.zfill(2)).alias("when"),
            _span().alias("middle"),
        )
        figure = series(
            drawn,
            x=Axis("Hour of the day (UTC)", bounds=(-0.5, 23.5)),
            y=self._axis(),
            order=self.zone_ids,
            tips=[("Mean", "value_text"), ("Middle 80 % of days", "middle"), ("Hour", "when")],
            with_band=True,
        )
        return blocks.card(
            title,
            blocks.plot(figure, f"Carbon intensity by hour of the day in {self.year}."),
            subtitle="Mean of each hour; the band holds the middle 80 % of days.",
            legend=self._legend(frame),
            source=self._source(),
            download=blocks.Download("joulehouse_grid_day_profile.csv", lambda: frame),
        )

    def hourly(self) -> Viewable:
        """Every hour of one month."""
        month = f"{self.year:04d}-{self.month:02d}"
        title = f"Hour by hour, {date(self.year or 1, self.month, 1):%B %Y}"
        frame = queries.hourly(self.context.data, self.zone_ids, self.scope, month)
        if not frame[_INTENSITY].drop_nulls().len():
            return _no_hours(title)
        figure = series(
            self._over_time(frame, "interval_start_at", "%d %b %Y, %H:%M"),
            x=Axis("Hour (UTC)", "datetime"),
            y=self._axis(),
            order=self.zone_ids,
            tips=[("Intensity", "value_text"), ("Hour from", "when")],
        )
        missing = frame[_INTENSITY].null_count()
        gaps = f" {fmt.count(missing)} zone-hours are not known: gaps." if missing else ""
        return blocks.card(
            title,
            blocks.plot(figure, f"Hourly carbon intensity in {month}."),
            subtitle=f"Every hour of the month.{gaps}",
            legend=self._legend(frame),
            source=self._source(),
            download=blocks.Download(f"joulehouse_grid_hourly_{month}.csv", lambda: frame),
        )

    def comparison(self) -> Viewable:
        """All zones, by their median hour."""
        frame = queries.spread(self.context.data, self.scope, self.year)
        title = f"Zones compared, hours of {self.year}"
        if not frame.height:
            return _no_hours(title)
        figure = ranges(
            frame.select(
                pl.col("zone_name").alias("category"),
                pl.col(_INTENSITY).alias("value"),
                pl.col(_LOWER).alias("lower"),
                pl.col(_UPPER).alias("upper"),
                pl.col("grid_zone_id").is_in(self.zone_ids).alias("is_marked"),
                pl.lit(value=False).alias("is_formula"),
                in_words(_INTENSITY, fmt.intensity).alias("value_text"),
                _span().alias("middle"),
            ),
            value=Axis(f"Carbon intensity (gCO₂e per kWh, {self.scope})"),
            category_title="",
            tips=[("Median hour", "value_text"), ("Middle 80 % of hours", "middle")],
            row_height_px=22,
        )
        return blocks.card(
            title,
            blocks.plot(figure, f"Median and spread of the hours of {self.year} by zone."),
            subtitle="The mark is the median hour, the bar the middle 80 % of hours: a long bar is "
            "a grid where it matters when a job runs. Chosen zones in orange.",
            source=self._source(),
            download=blocks.Download("joulehouse_grid_zones.csv", lambda: frame),
        )

    def yearly(self) -> Viewable:
        """Yearly figures of the newer sources."""
        frame = queries.yearly(self.context.data, self.zone_ids)
        if not frame.height:
            return blocks.card(
                "By year, up to now",
                blocks.empty(
                    "No yearly figures for these zones",
                    "Choose a country: sub-zones often have no yearly figure of their own.",
                ),
            )
        figure = series(
            frame.select(
                pl.col("grid_zone_id").alias("category"),
                pl.col("intensity_year").alias("x"),
                pl.col(_INTENSITY).alias("y"),
                self._named().alias("title"),
                in_words(_INTENSITY, fmt.intensity).alias("value_text"),
                pl.col("intensity_year").cast(pl.String).alias("when"),
            ),
            x=Axis("Year", "year"),
            y=Axis("Carbon intensity (gCO₂e per kWh, lifecycle)", is_from_zero=True),
            order=self.zone_ids,
            tips=[("Yearly mean", "value_text"), ("Year", "when")],
        )
        last = max(frame["intensity_year"].to_list())
        return blocks.card(
            f"By year, up to {last}",
            blocks.plot(figure, f"Yearly carbon intensity up to {last}."),
            subtitle="From another source than the hours above, with its own factors: compare the "
            "trend, not the decimals. Always lifecycle.",
            legend=self._legend(frame),
            source=cited(self.context, frame["source_id"].unique().to_list()),
            download=blocks.Download("joulehouse_grid_yearly.csv", lambda: frame),
        )

    def _axis(self) -> Axis:
        return Axis(f"Carbon intensity (gCO₂e per kWh, {self.scope})", is_from_zero=True)

    def _over_time(self, frame: pl.DataFrame, time_column: str, written: str) -> pl.DataFrame:
        return frame.select(
            pl.col("grid_zone_id").alias("category"),
            pl.col(time_column).dt.replace_time_zone(None).alias("x"),
            pl.col(_INTENSITY).alias("y"),
            self._named().alias("title"),
            in_words(_INTENSITY, fmt.intensity).alias("value_text"),
            pl.col(time_column).dt.strftime(written).alias("when"),
        )

    def _named(self) -> pl.Expr:
        return pl.col("grid_zone_id").replace(dict(self.zone_names))

    def _legend(self, frame: pl.DataFrame) -> str:
        present = frame.filter(pl.col(_INTENSITY).is_not_null())["grid_zone_id"].unique().to_list()
        return blocks.legend(
            (self.zone_names[zone], *look_of_series(position), True)
            for position, zone in enumerate(self.zone_ids)
            if zone in present
        )

    def _source(self) -> str:
        return cited(
            self.context,
            queries.hourly_sources(self.context.data),
            note=_SCOPE_NOTES[self.scope],
        )


def _span() -> pl.Expr:
    return pl.format("{} to {}", in_words(_LOWER, fmt.significant), in_words(_UPPER, fmt.intensity))


def _no_hours(title: str) -> Viewable:
    return blocks.card(
        title,
        blocks.empty(
            "No hour of these zones is known for this time",
            "Choose a zone that is listed first (those have hours), or another year.",
        ),
    )
