"""Today's grid: what was, beside what was forecast, and when the forecast was issued."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from panel.viewable import Viewable

from panel_app import blocks, controls
from panel_app import format as fmt
from panel_app.charts.bars import ranges
from panel_app.charts.canvas import Axis
from panel_app.charts.lines import look_of_series, series
from panel_app.context import Context
from panel_app.queries import grid_live as queries
from panel_app.queries.overview import source_titles
from panel_app.sources import cited
from panel_app.wording import in_words

_INTENSITY = "carbon_intensity_gco2e_per_kwh"
_FORECAST = "carbon_intensity_forecast_gco2e_per_kwh"
_LOWER = "carbon_intensity_forecast_lower_gco2e_per_kwh"
_UPPER = "carbon_intensity_forecast_upper_gco2e_per_kwh"
_ROW_HEIGHT_PX = 22
_MOST_ZONES = 60
_ROW_CSS = """
:host { display: grid !important; gap: 14px 16px; grid-template-columns: 1fr 1fr; }
@media (max-width: 760px) { :host { grid-template-columns: 1fr; } }
"""


def live_part(context: Context) -> Viewable:
    """The choices and, below, the pictures that follow them."""
    found = queries.choices(context.data)
    if not found.height:
        return blocks.card(
            "Today",
            blocks.empty(
                "No live figures have come yet",
                "Live sources need a network, and some a key: joulehouse sources says what each "
                "one lacks. Fetch them with",
                "joulehouse refresh",
            ),
        )
    state = context.state.grid
    zones = {
        f"{row['zone_name'] or row['grid_zone_id']} ({row['grid_zone_id']})": row["grid_zone_id"]
        for row in found.unique("grid_zone_id", keep="first", maintain_order=True).to_dicts()
    }
    bases = {basis: basis for basis in found["basis"].unique(maintain_order=True)}
    results = blocks.stack()

    def show(*_: object) -> None:
        zone_id, basis = _chosen(found, state.live_zone, state.basis)
        results.objects = [_outlook(context, zone_id, basis), _current(context, zone_id, basis)]

    state.param.watch(show, ["live_zone", "basis"])
    show()
    chosen = blocks.stack(
        controls.one_of(state, "live_zone", zones, "Zone, today"),
        controls.one_of(state, "basis", bases, "Basis, today"),
        css=_ROW_CSS,
    )
    return blocks.stack(blocks.card("Today", chosen), results)


def _chosen(found: pl.DataFrame, zone_id: str, basis: str) -> tuple[str, str]:
    """What the state asks for, where there is such a thing; else what comes first."""
    if zone_id not in found["grid_zone_id"]:
        zone_id = found["grid_zone_id"][0]
    if basis not in found["basis"]:
        basis = found.filter(pl.col("grid_zone_id") == zone_id)["basis"][0]
    return zone_id, basis


def _outlook(context: Context, zone_id: str, basis: str) -> Viewable:
    frame = queries.outlook(context.data, zone_id, basis)
    title = f"{zone_id}: actual and forecast"
    if not frame.height:
        return blocks.card(
            title,
            blocks.empty(
                "No source gives this zone on this basis",
                "Choose another basis: figures on different bases cannot stand for each other.",
            ),
        )
    drawn = _lines(frame, context)
    order = drawn["category"].unique(maintain_order=True).to_list()
    figure = series(
        drawn,
        x=Axis("Time (UTC)", "datetime"),
        y=Axis("Carbon intensity (gCO₂e per kWh)", is_from_zero=True),
        order=order,
        tips=[("Intensity", "value_text"), ("Range", "range_text"), ("From", "when")],
        with_band=True,
    )
    return blocks.card(
        title,
        blocks.plot(figure, f"Actual and forecast carbon intensity of {zone_id}."),
        subtitle=f"{basis}. {_issued(frame)}",
        legend=blocks.legend(
            (name, *look_of_series(position), True) for position, name in enumerate(order)
        ),
        source=cited(context, frame["source_id"].unique().to_list()),
        download=blocks.Download(f"joulehouse_grid_outlook_{zone_id}.csv", lambda: frame),
    )


def _lines(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """One line for what was and one for what was forecast, of each source and signal model."""
    titles = {key: title for key, (title, _) in source_titles(context.data).items()}
    name = pl.concat_str(
        pl.col("source_id").replace(titles),
        pl.when(pl.col("signal_model").is_not_null())
        .then(pl.format(" ({})", "signal_model"))
        .otherwise(pl.lit("")),
    )
    null = pl.lit(None, dtype=pl.Float64)
    parts = [
        frame.select(
            pl.concat_str(name, pl.lit(f", {kind}")).alias("category"),
            pl.col("interval_start_at").dt.replace_time_zone(None).alias("x"),
            pl.col(value).alias("y"),
            lower.alias("lower"),
            upper.alias("upper"),
            pl.concat_str(name, pl.lit(f", {kind}")).alias("title"),
            in_words(value, fmt.intensity).alias("value_text"),
            range_text.alias("range_text"),
            pl.col("interval_start_at").dt.strftime("%d %b %Y, %H:%M").alias("when"),
        ).filter(pl.col("y").is_not_null().any().over("category"))
        for kind, value, lower, upper, range_text in (
            ("actual", _INTENSITY, null, null, pl.lit("measured or estimated by the source")),
            (
                "forecast",
                _FORECAST,
                pl.col(_LOWER),
                pl.col(_UPPER),
                pl.format(
                    "{} to {}", in_words(_LOWER, fmt.significant), in_words(_UPPER, fmt.intensity)
                ),
            ),
        )
    ]
    return pl.concat(parts)


def _issued(frame: pl.DataFrame) -> str:
    """When the newest forecast was issued, in words."""
    known = frame.filter(pl.col("forecast_issued_at").is_not_null()).sort("forecast_issued_at")
    if not known.height:
        return "No forecast was issued for this time."
    newest = known.row(-1, named=True)
    moment: datetime = newest["forecast_issued_at"]
    if newest["is_issue_time_given"]:
        return f"Newest forecast issued {fmt.instant(moment)}."
    return f"Newest forecast first seen {fmt.instant(moment)}; its provider names no issue time."


def _current(context: Context, zone_id: str, basis: str) -> Viewable:
    frame = queries.current(context.data, basis)
    if not frame.height:
        return blocks.card(
            "Zones now",
            blocks.empty(
                "No zone has a figure of the last two weeks on this basis",
                "Choose another basis, or refresh.",
                "joulehouse refresh",
            ),
        )
    shown = frame.unique("grid_zone_id", keep="first", maintain_order=True).head(_MOST_ZONES)
    figure = ranges(
        shown.select(
            pl.col("grid_zone_name").alias("category"),
            pl.col(_INTENSITY).alias("value"),
            pl.col(_INTENSITY).alias("lower"),
            pl.col(_INTENSITY).alias("upper"),
            (pl.col("grid_zone_id") == zone_id).alias("is_marked"),
            pl.lit(value=False).alias("is_formula"),
            in_words(_INTENSITY, fmt.intensity).alias("value_text"),
            in_words("interval_start_at", fmt.instant).alias("when"),
        ),
        value=Axis(f"Carbon intensity (gCO₂e per kWh, {basis})"),
        category_title="",
        tips=[("Newest interval", "value_text"), ("From", "when")],
        row_height_px=_ROW_HEIGHT_PX,
    )
    more = frame["grid_zone_id"].n_unique() - shown.height
    rest = f" The cleanest {shown.height} of {shown.height + more} zones." if more else ""
    return blocks.card(
        "Zones now",
        blocks.plot(figure, "Newest known carbon intensity of every zone."),
        subtitle=f"The newest interval that is known, {basis}; zones differ in how fresh theirs "
        f"is. The chosen zone in orange.{rest}",
        source=cited(context, shown["source_id"].unique().to_list()),
        download=blocks.Download("joulehouse_grid_current.csv", lambda: frame),
    )
