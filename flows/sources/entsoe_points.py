"""The points of an ENTSO-E document, in columns.

A year of quarter-hours with twenty production types is 700,000 points, so nothing here goes point
by point.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from flows.sources.entsoe_areas import AREAS, PRODUCTION_TYPES, STORAGE
from flows.sources.grid_tables import GRID_GENERATION, INSTANT
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError
from warehouse.tables import Dtype, Parsed, conform

SOURCE_ID = "entsoe"
ALL_POINTS, CHANGES_ONLY = "A01", "A03"
_PERIODS: dict[str, Dtype] = {
    "period": pl.UInt32,
    "start_at": INSTANT,
    "minutes": pl.Int32,
    "count": pl.Int64,
    "area": pl.String,
    "psr_type": pl.String,
    "is_consumption": pl.Boolean,
    "curve": pl.String,
    "fault_column": pl.String,
    "fault_value": pl.String,
    "fault": pl.String,
}
_AREA, _PSR_TYPE = (list(_PERIODS).index(name) for name in ("area", "psr_type"))


@dataclass
class Reading:
    """The points of a document as they stand, and for each period what holds for its points."""

    periods: list[tuple[object, ...]] = field(default_factory=list)
    point_counts: list[int] = field(default_factory=list)
    positions: list[str | None] = field(default_factory=list)
    quantities: list[str | None] = field(default_factory=list)


def rows_of(reading: Reading, arrival: Arrival) -> Parsed:
    """Rows in MW, and a reject for each point that cannot be used.

    Raises:
        ParseError: no point holds a required field, or the area is not the one asked for.
    """
    _refuse_missing(reading, arrival)
    periods = pl.DataFrame(reading.periods, schema=_PERIODS, orient="row")
    _refuse_other_area(periods, arrival)
    counts = pl.Series(reading.point_counts, dtype=pl.UInt32)
    points = (
        pl.DataFrame(
            {"position_text": reading.positions, "quantity_text": reading.quantities},
            schema={"position_text": pl.String, "quantity_text": pl.String},
        )
        .with_columns(
            periods["period"].repeat_by(counts).explode().drop_nulls().alias("period"),
            pl.col("position_text")
            .str.strip_chars()
            .cast(pl.Int64, strict=False)
            .alias("position"),
            pl.col("quantity_text").str.strip_chars().cast(pl.Float64, strict=False).alias("mw"),
        )
        .join(periods, on="period", maintain_order="left")
    )
    points, rejects = _set_aside(points, arrival)
    good, refused = conform(
        _net(_placed(points)), GRID_GENERATION, pl.format("{} {}", pl.lit(arrival.name), "psr_type")
    )
    return Parsed({GRID_GENERATION.name: good}, pl.concat([*rejects, refused]))


def _refuse_missing(reading: Reading, arrival: Arrival) -> None:
    found = {
        "Point": len(reading.positions) > 0,
        "position": any(text is not None for text in reading.positions),
        "quantity": any(text is not None for text in reading.quantities),
        "inBiddingZone_Domain.mRID": any(period[_AREA] is not None for period in reading.periods),
        "psrType": any(period[_PSR_TYPE] is not None for period in reading.periods),
    }
    for name, is_there in found.items():
        if not is_there:
            raise ParseError(
                "the field is missing from every row",
                source_id=SOURCE_ID,
                location=arrival.name,
                field=name,
            )


def _refuse_other_area(periods: pl.DataFrame, arrival: Arrival) -> None:
    asked = AREAS.get(arrival.about.get("zone", ""))
    others = periods["area"].drop_nulls().unique().sort().to_list() if asked else []
    if wrong := [area for area in others if area != asked]:
        raise ParseError(
            f"the area {asked} of {arrival.about['zone']} was asked for",
            source_id=SOURCE_ID,
            location=arrival.name,
            field="inBiddingZone_Domain.mRID",
            value=", ".join(wrong),
        )


def _set_aside(points: pl.DataFrame, arrival: Arrival) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Points that can be placed and read, and a reject for each other one."""
    location = pl.format(
        "{} {} from {} point {}",
        pl.lit(arrival.name),
        pl.col("psr_type").fill_null("?"),
        pl.col("start_at").dt.to_string("iso:strict").fill_null("?"),
        pl.col("position_text").fill_null("?"),
    )
    position = pl.col("position")
    is_outside = position.is_null() | (position < 1) | (position > pl.col("count"))
    is_unread = ~pl.col("mw").is_finite().fill_null(value=False)
    tests = (
        (pl.col("fault").is_not_null(), "fault_column", "fault_value", "fault"),
        (is_outside, "interval_start_at", "position_text", "no position within its period"),
        (is_unread, "generation_mw", "quantity_text", "cannot be read as a finite number"),
    )
    rejects = []
    for condition, column, value, reason_text in tests:
        is_bad = points.select(condition.fill_null(value=False)).to_series()
        if not is_bad.any():
            continue
        is_of_series = column == "fault_column"
        rejects.append(
            points.filter(is_bad).select(
                pl.lit(GRID_GENERATION.name).alias("table_name"),
                location.alias("location"),
                (pl.col(column) if is_of_series else pl.lit(column)).alias("column_name"),
                pl.col(value).alias("offending_value"),
                (pl.col("fault") if is_of_series else pl.lit(reason_text)).alias("reason"),
            )
        )
        # A point without a number stays: on curve A03 it ends what the one before it said.
        if column != "generation_mw":
            points = points.filter(~is_bad)
    return points, rejects


def _placed(points: pl.DataFrame) -> pl.DataFrame:
    """One row for each interval: on curve A03 a point holds until the next one, or to the end."""
    held_until = (
        pl.when(pl.col("curve") == CHANGES_ONLY)
        .then(pl.col("position").shift(-1, fill_value=None).over("period"))
        .otherwise(pl.col("position") + 1)
    )
    return (
        points.unique(["period", "position"], keep="last", maintain_order=True)
        .sort("period", "position")
        .with_columns(
            pl.int_ranges("position", pl.coalesce(held_until, pl.col("count") + 1)).alias("at")
        )
        .explode("at")
        .filter(pl.col("mw").is_finite())
        .with_columns(
            (
                pl.col("start_at") + pl.duration(minutes=(pl.col("at") - 1) * pl.col("minutes"))
            ).alias("interval_start_at"),
            pl.col("area").replace({code: zone for zone, code in AREAS.items()}).alias("zone"),
        )
    )


def _net(placed: pl.DataFrame) -> pl.DataFrame:
    """Generation less what storage consumed in the same interval."""
    keys = ["zone", "interval_start_at", "minutes", "psr_type"]
    is_used = ~pl.col("is_consumption") | pl.col("psr_type").is_in(STORAGE)
    signed = pl.when("is_consumption").then(-pl.col("mw")).otherwise("mw")
    return (
        placed.filter(is_used)
        .unique([*keys, "is_consumption"], keep="last", maintain_order=True)
        .group_by(keys, maintain_order=True)
        .agg(signed.sum().alias("generation_mw"))
        .select(
            "psr_type",
            pl.col("zone").alias("provider_zone"),
            "interval_start_at",
            pl.col("minutes").alias("interval_minutes"),
            pl.col("psr_type").replace(PRODUCTION_TYPES).alias("production_type"),
            "generation_mw",
        )
    )
