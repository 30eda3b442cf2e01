"""The columnar check that parts good rows from bad."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import ParseError
from warehouse.tables import Column, Parsed, Table, conform

RUNS = Table(
    "runs",
    "One row per run",
    (
        Column("name", pl.String, "Name", required=True),
        Column("energy_kwh", pl.Float64, "Energy", unit="kWh", minimum=0, maximum=1e6),
        Column("gpu_count", pl.Int64, "GPUs", minimum=1),
        Column("unit", pl.String, "Unit", allowed=("kWh", "MWh")),
        Column("started_at", pl.Datetime("us", "UTC"), "Start"),
        Column("is_public", pl.Boolean, "Public"),
    ),
    key=("name",),
)
ROW = pl.format("row {}", pl.col("row"))


def _frame(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame(columns).with_row_index("row", offset=1)


def test_text_is_cast_to_the_declared_types() -> None:
    frame = _frame(
        name=["a"],
        energy_kwh=[" 1.5 "],
        gpu_count=["8"],
        unit=["kWh"],
        started_at=["2026-01-01T01:00:00+01:00"],
        is_public=["yes"],
    )

    good, rejects = conform(frame, RUNS, ROW)

    assert rejects.is_empty()
    assert good.schema == pl.Schema(RUNS.schema)
    row = good.row(0, named=True)
    assert (row["energy_kwh"], row["gpu_count"], row["is_public"]) == (1.5, 8, True)
    assert row["started_at"].isoformat() == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("energy_kwh", "about 5", "cannot be read as a number"),
        ("energy_kwh", "-1", "below the minimum 0"),
        ("energy_kwh", "1e7", "above the maximum 1e+06"),
        ("energy_kwh", "inf", "not a finite number"),
        ("energy_kwh", "NaN", "not a finite number"),
        ("gpu_count", "1.5", "cannot be read as a whole number"),
        ("unit", "J", "expected one of: kWh, MWh"),
        ("started_at", "yesterday", "cannot be read as a date or an instant"),
        ("is_public", "perhaps", "cannot be read as a truth value"),
        ("name", "", "required, but empty"),
    ],
)
def test_a_faulty_value_is_rejected_with_its_value_and_reason(
    column: str, value: str, reason: str
) -> None:
    columns: dict[str, list[object]] = {"name": ["a", "b"]}
    columns[column] = ["a" if column == "name" else "", value]

    good, rejects = conform(_frame(**columns), RUNS, ROW)

    assert good["name"].to_list() == ["a"]
    assert rejects.to_dicts() == [
        {
            "table_name": "runs",
            "location": "row 2",
            "column_name": column,
            "offending_value": value,
            "reason": reason,
        }
    ]


def test_an_optional_column_that_is_absent_becomes_null() -> None:
    good, rejects = conform(_frame(name=["a"]), RUNS, ROW)

    assert rejects.is_empty()
    assert good["energy_kwh"].to_list() == [None]


def test_a_required_column_absent_from_every_row_is_an_error_that_names_it() -> None:
    with pytest.raises(ParseError, match=r"field 'name'.*found: row, energy_kwh"):
        conform(_frame(energy_kwh=["1"]), RUNS, ROW)


def test_an_empty_frame_is_neither_good_nor_bad() -> None:
    good, rejects = conform(pl.DataFrame(), RUNS, pl.lit(""))

    assert good.is_empty()
    assert good.columns == list(RUNS.schema)
    assert rejects.is_empty()


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(max_size=5)),
            st.one_of(st.none(), st.text(max_size=8), st.floats().map(str)),
            st.one_of(st.none(), st.integers(-3, 3).map(str), st.text(max_size=3)),
        ),
        max_size=20,
    )
)
def test_rows_in_are_rows_out_plus_rows_rejected(rows: list[tuple[str | None, ...]]) -> None:
    frame = pl.DataFrame(
        rows, schema=dict.fromkeys(("name", "energy_kwh", "gpu_count"), pl.String), orient="row"
    ).with_row_index("row")

    good, rejects = conform(frame, RUNS, ROW)

    assert good.height + rejects.height == frame.height


def test_collect_joins_frames_of_one_table_and_all_rejects() -> None:
    parts = [("runs", conform(_frame(name=["a", ""]), RUNS, ROW)) for _ in range(2)]

    parsed = Parsed.collect(parts)

    assert parsed.row_count == 2
    assert parsed.rejects.height == 2


def test_a_table_whose_key_is_not_a_column_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="no column"):
        Table("t", "d", (Column("a", pl.String, "a"),), key=("b",))
