"""CSV that opens in a spreadsheet without running anything."""

import csv
import io
from datetime import UTC, datetime

import polars as pl
import pytest

from panel_app.csv_text import to_csv


def rows_of(frame: pl.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(frame).decode("utf-8"))))


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0", "\r=1", "\uff1d1+1"],
)
def test_text_that_starts_a_formula_becomes_text(cell):
    assert rows_of(pl.DataFrame({"value": [cell]}))[1][0].startswith("'")


def test_negative_numbers_stay_numbers():
    assert rows_of(pl.DataFrame({"change": [-1.5, 2.0]}))[1:] == [["-1.5"], ["2.0"]]


def test_plain_text_is_unchanged():
    frame = pl.DataFrame({"model": ["Llama 3.1", 'with "quotes", and a comma', "CO₂e"]})
    assert [row[0] for row in rows_of(frame)[1:]] == frame["model"].to_list()


def test_a_column_name_cannot_be_a_formula():
    assert rows_of(pl.DataFrame({"=A1": [1]}))[0] == ["'=A1"]


def test_lists_are_joined_and_instants_are_iso():
    frame = pl.DataFrame({"names": [["a", "b"]], "at": [datetime(2026, 11, 1, 6, tzinfo=UTC)]})
    assert rows_of(frame)[1] == ["a;b", "2026-11-01T06:00:00Z"]


def test_a_list_cannot_carry_a_formula():
    assert rows_of(pl.DataFrame({"names": [["=1+1", "b"]]}))[1] == ["'=1+1;b"]


def test_unknown_values_are_empty_cells():
    assert rows_of(pl.DataFrame({"name": ["a", None], "energy_kwh": [None, 1.0]}))[1:] == [
        ["a", ""],
        ["", "1.0"],
    ]
