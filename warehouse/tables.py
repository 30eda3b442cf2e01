"""The shape of a raw table, and the columnar check that parts good rows from bad.

A parser hands over a frame as it was read (text or typed). :func:`conform` casts each declared
column, tests it against its declaration, and returns the rows that hold beside the rejects with
their reason. Rows in = rows out + rows rejected, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from polars.datatypes import DataType, DataTypeClass

from warehouse.errors import ParseError

Dtype = DataType | DataTypeClass

REJECTS: dict[str, Dtype] = {
    "table_name": pl.String,
    "location": pl.String,
    "column_name": pl.String,
    "offending_value": pl.String,
    "reason": pl.String,
}

_TRUE = ["true", "t", "yes", "y", "1"]
_FALSE = ["false", "f", "no", "n", "0"]


@dataclass(frozen=True)
class Column:
    """One column of a raw table: its type, its unit, and what may stand in it."""

    name: str
    dtype: Dtype
    description: str
    unit: str | None = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Table:
    """A table of schema ``raw``: a provider's rows as they came, typed.

    In a versioned table a row is what a source said of its key at a time: it is stored only if
    it differs, in a column that is compared, from what that source said of it before.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    is_versioned: bool = False
    not_compared: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"table {self.name} names a column twice: {names}")
        if missing := set(self.key) - set(names):
            raise ValueError(f"table {self.name} has no column {sorted(missing)} for its key")

    @property
    def schema(self) -> dict[str, Dtype]:
        """Column name to Polars type."""
        return {column.name: column.dtype for column in self.columns}


def no_rejects() -> pl.DataFrame:
    """An empty frame of rejects."""
    return pl.DataFrame(schema=REJECTS)


def rejects_of(
    frame: pl.DataFrame, *, table: str, location: pl.Expr, column: str, value: pl.Expr, reason: str
) -> pl.DataFrame:
    """One reject for each row of ``frame``."""
    return frame.select(
        pl.lit(table).alias("table_name"),
        location.cast(pl.String).alias("location"),
        pl.lit(column).alias("column_name"),
        value.cast(pl.String).alias("offending_value"),
        pl.lit(reason).alias("reason"),
    )


@dataclass(frozen=True)
class Parsed:
    """What a parser makes of one body: a frame for each raw table, and the rejects."""

    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    rejects: pl.DataFrame = field(default_factory=no_rejects)

    @classmethod
    def collect(cls, parts: Sequence[tuple[str, tuple[pl.DataFrame, pl.DataFrame]]]) -> Parsed:
        """Join the results of several :func:`conform` calls, by table name."""
        names = list(dict.fromkeys(name for name, _ in parts))
        frames = {
            name: pl.concat([good for part_name, (good, _) in parts if part_name == name])
            for name in names
        }
        rejects = pl.concat([no_rejects(), *(bad for _, (_, bad) in parts)])
        return cls(frames=frames, rejects=rejects)

    @property
    def row_count(self) -> int:
        """Rows that can be loaded, over all tables."""
        return sum(frame.height for frame in self.frames.values())


def conform(
    frame: pl.DataFrame, table: Table, location: pl.Expr
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cast and check ``frame`` against ``table``.

    Args:
        frame: rows as read; columns that the table does not declare are ignored, blank text is
            null.
        table: the declaration.
        location: an expression over ``frame`` that says where a row stood in the body.

    Returns:
        The rows that hold, with exactly the table's columns and types; and one reject for each
        row that does not, naming the first column at fault, its value and the reason.

    Raises:
        ParseError: a required column is absent from the whole frame.
    """
    # Polars 2 panics on a filtered frame of several chunks whose location is formatted text.
    frame = frame.rechunk()
    if frame.height:
        for column in table.columns:
            if column.required and column.name not in frame.columns:
                raise ParseError(
                    f"the field is missing from every row; found: {', '.join(frame.columns)}",
                    location=table.name,
                    field=column.name,
                )
    given = frame.with_columns(
        pl.lit(None, dtype=pl.String).alias(column.name)
        for column in table.columns
        if column.name not in frame.columns
    )
    names = list(table.schema)
    work = given.select(
        *(_cast(column, given.schema[column.name]) for column in table.columns),
        *(pl.col(name).alias(f"__given_{name}") for name in names),
    )
    checks = {column.name: _checks(column, given.schema[column.name]) for column in table.columns}
    conditions = [condition for tests in checks.values() for condition, _ in tests]
    is_bad = work.select(pl.any_horizontal(*conditions)).to_series()
    if not is_bad.any():
        return work.select(names), no_rejects()
    fault = pl.coalesce(
        pl.when(condition).then(
            pl.struct(
                pl.lit(name).alias("column_name"),
                _as_text(f"__given_{name}", given.schema[name]).alias("offending_value"),
                pl.lit(reason).alias("reason"),
            )
        )
        for name, tests in checks.items()
        for condition, reason in tests
    )
    rejects = work.filter(is_bad).select(
        pl.lit(table.name).alias("table_name"),
        given.filter(is_bad).select(location.cast(pl.String).alias("location")).to_series(),
        fault.alias("__fault"),
    )
    return work.filter(~is_bad).select(names), rejects.unnest("__fault")


def _as_text(name: str, dtype: DataType) -> pl.Expr:
    if isinstance(dtype, pl.List):
        return pl.col(name).cast(pl.List(pl.String)).list.join("; ")
    if isinstance(dtype, pl.Struct):
        return pl.col(name).struct.json_encode()
    return pl.col(name).cast(pl.String)


def _cast(column: Column, given: DataType) -> pl.Expr:
    """The column as its declared type; what cannot be read becomes null and is then rejected."""
    source = pl.col(column.name)
    if given == pl.String and column.dtype == pl.String:
        return pl.when(source.str.strip_chars() != "").then(source)
    if given == column.dtype:
        return source
    if given != pl.String:
        return source.cast(column.dtype, strict=False)
    text = source.str.strip_chars()
    text = pl.when(text != "").then(text)
    if column.dtype == pl.Boolean:
        lower = text.str.to_lowercase()
        is_known = lower.is_in(_TRUE) | lower.is_in(_FALSE)
        return pl.when(is_known).then(lower.is_in(_TRUE)).alias(column.name)
    if column.dtype.is_integer():
        return text.cast(pl.Float64, strict=False).pipe(_whole).cast(column.dtype, strict=False)
    if isinstance(column.dtype, pl.Datetime):
        return text.str.to_datetime(
            time_unit=column.dtype.time_unit, time_zone=column.dtype.time_zone, strict=False
        )
    if column.dtype == pl.Date:
        return text.str.to_date(strict=False)
    return text.cast(column.dtype, strict=False)


def _whole(number: pl.Expr) -> pl.Expr:
    return pl.when(number == number.round()).then(number)


def _checks(column: Column, given: DataType) -> list[tuple[pl.Expr, str]]:
    """Each (condition, reason) under which a row is at fault in ``column``, worst first."""
    value, raw = pl.col(column.name), pl.col(f"__given_{column.name}")
    is_given = raw.is_not_null()
    if given == pl.String:
        is_given = is_given & (raw.str.strip_chars() != "")
    tests = [(is_given & value.is_null(), f"cannot be read as {_kind(column.dtype)}")]
    if column.required:
        tests.append((~is_given, "required, but empty"))
    if column.dtype.is_float():
        tests.append((~value.is_finite(), "not a finite number"))
    if column.minimum is not None:
        tests.append((value < column.minimum, f"below the minimum {column.minimum:g}"))
    if column.maximum is not None:
        tests.append((value > column.maximum, f"above the maximum {column.maximum:g}"))
    if column.allowed is not None:
        allowed = value.cast(pl.String).is_in(list(column.allowed))
        tests.append((~allowed, f"expected one of: {', '.join(column.allowed)}"))
    return [(condition.fill_null(value=False), reason) for condition, reason in tests]


def _kind(dtype: Dtype) -> str:
    if dtype.is_integer():
        return "a whole number"
    if dtype.is_numeric():
        return "a number"
    if dtype.is_temporal():
        return "a date or an instant"
    return "a truth value" if dtype == pl.Boolean else "text"
