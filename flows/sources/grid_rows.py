"""What the parsers of grid intensities share: flat records to checked rows of the grid tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from flows.sources.bodies import text_frame
from flows.sources.grid_tables import GRID_FORECASTS, GRID_INTENSITIES, GRID_UNDATED_FORECASTS
from warehouse.errors import ParseError
from warehouse.tables import Parsed, Table, conform, rejects_of

_INTENSITY = "carbon_intensity_gco2e_per_kwh"
_GENERATION = "generation_mw"
_MOST_MW = 5_000_000.0
Part = tuple[str, tuple[pl.DataFrame, pl.DataFrame]]
# Stands for a measure whose field a row lacks: unlike a null, which says that there is no value
# yet, it is refused.
ABSENT = ""


def require_field(records: Iterable[object], name: str, source_id: str, location: str) -> None:
    """Make sure that at least one record has a field; one that none has was renamed or left out.

    Raises:
        ParseError: there are records, and none has it.
    """
    found: dict[str, None] = {}
    is_empty = True
    for record in records:
        is_empty = False
        if isinstance(record, Mapping):
            if name in record:
                return
            found.update(dict.fromkeys(map(str, list(record)[:20])))
    if not is_empty:
        raise ParseError(
            f"the field is missing from every row; found: {', '.join(found) or 'nothing'}",
            source_id=source_id,
            location=location,
            field=name,
        )


def frame_of(
    records: Sequence[Mapping[str, Any]], names: Sequence[str], constants: Mapping[str, str]
) -> pl.DataFrame:
    """Records as a frame of text with their number in the body (``row``), constants added."""
    added = [pl.lit(value, dtype=pl.String).alias(name) for name, value in constants.items()]
    return text_frame(records, names).lazy().with_row_index("row").with_columns(added).collect()


def minutes_between(start: str, end: str) -> pl.Expr:
    """Length of an interval as text; where it cannot be told, the end as it came, to be refused."""
    begin, finish = (
        pl.col(name).str.to_datetime(time_zone="UTC", strict=False) for name in (start, end)
    )
    return pl.coalesce((finish - begin).dt.total_minutes().cast(pl.String), pl.col(end))


def interval_lengths(instants: pl.Series, allowed: Sequence[int]) -> pl.DataFrame:
    """The length in minutes of the interval that begins at each distinct instant.

    The usual step around it, else the usual step of all: a gap makes a step longer, never an
    interval. The median of nine steps is deaf to gaps and turns at the very row where a series
    changes its resolution. Null where no step is one of those that are allowed.
    """
    axis = instants.drop_nulls().unique().sort().rename("interval_start_at")
    steps = axis.diff().shift(-1).dt.total_minutes().rename("step")
    counted = steps.filter(steps.is_in(list(allowed))).value_counts().sort("count", "step")
    usual = counted["step"][-1] if counted.height else None
    around = steps.cast(pl.Float64).rolling_median(9, min_samples=1, center=True)
    is_usual = around.is_in([float(minutes) for minutes in allowed]).fill_null(value=False)
    minutes = around.set(~is_usual, usual).cast(pl.Int32).rename("interval_minutes")
    return pl.DataFrame([axis, minutes])


def checked(frame: pl.DataFrame, table: Table, location: pl.Expr | None = None) -> Part:
    """The rows that hold and the rejects, by table name; see :func:`warehouse.tables.conform`.

    Refused too are an average intensity below zero, which only a marginal one can be, and a
    generation above that of the whole world.
    """
    where = pl.format("row {}", "row") if location is None else location
    good, bad = conform(frame, table, where)
    if _GENERATION in good.columns:
        is_wrong = pl.col(_GENERATION).abs() > _MOST_MW
        column, reason = _GENERATION, f"beyond {_MOST_MW:g} MW in one zone"
    else:
        is_wrong = (pl.col("intensity_basis") == "average") & (pl.col(_INTENSITY) < 0)
        column, reason = _INTENSITY, "an average intensity cannot be below zero"
    wrong = good.filter(is_wrong)
    if wrong.is_empty():
        return table.name, (good, bad)
    instant = "target_at" if "target_at" in good.columns else "interval_start_at"
    refused = rejects_of(
        wrong,
        table=table.name,
        location=pl.format("{} {}", "provider_zone", instant),
        column=column,
        value=pl.col(column),
        reason=reason,
    )
    return table.name, (good.filter(~is_wrong), pl.concat([bad, refused]))


def intensities(frame: pl.DataFrame, measure: str) -> Part:
    """Rows of ``grid_intensities``; where the measure is null there is nothing to store."""
    return checked(_measured(frame, measure), GRID_INTENSITIES)


def dated_forecasts(frame: pl.DataFrame, measure: str) -> Part:
    """Rows of ``grid_forecasts``; where the measure is null there is nothing to store."""
    return checked(_measured(frame, measure), GRID_FORECASTS)


def undated_forecasts(frame: pl.DataFrame, measure: str, fetched_at: datetime) -> Part:
    """Rows of ``grid_undated_forecasts``: what was still to come when the body was fetched.

    A forecast of an interval that had begun is left out: nobody can say any more when it was made.
    """
    issued_at = pl.lit(fetched_at).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    given = _measured(frame, measure, issued_at.alias("issued_at"))
    name, (good, bad) = checked(given, GRID_UNDATED_FORECASTS)
    return name, (good.filter(pl.col("target_at") >= pl.col("issued_at")), bad)


def _measured(frame: pl.DataFrame, measure: str, *more: pl.Expr) -> pl.DataFrame:
    """The rows that have the measure, under the tables' name for it."""
    has_value = pl.col(measure).is_not_null()
    named = frame.lazy().filter(has_value).with_columns(pl.col(measure).alias(_INTENSITY), *more)
    return named.collect()


def parsed(parts: Sequence[Part]) -> Parsed:
    """The parts of one body together."""
    return Parsed.collect(parts)
