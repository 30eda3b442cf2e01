"""Users' tables: what is read as it was given, and what is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from flows.table_files import read_table, write_table
from warehouse.errors import InputError


@pytest.fixture
def write(tmp_path: Path):
    def make(content: bytes | str, name: str = "in.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return make


def test_cells_stay_as_they_were_given(write):
    table = read_table(write("id,tokens\n007,1e12\n,1_000\n"))
    assert table.frame.rows() == [("007", "1e12"), (None, "1_000")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_usual_delimiters_are_told_apart(write, delimiter: str):
    table = read_table(write(f"id{delimiter}tokens\na{delimiter}1\n"))
    assert table.frame.rows() == [("a", "1")]


def test_a_byte_order_mark_and_windows_line_ends_are_no_data(write):
    table = read_table(write(b"\xef\xbb\xbfid,tokens\r\na,1\r\n"))
    assert table.frame.columns == ["id", "tokens"]
    assert table.frame.rows() == [("a", "1")]


def test_quoted_cells_may_hold_delimiters_and_line_ends(write):
    table = read_table(write('id,model_name\na,"one, two\nthree"\n'))
    assert table.frame.rows() == [("a", "one, two\nthree")]


def test_a_line_with_too_many_fields_costs_only_its_row(write):
    table = read_table(write("id,tokens\na,1\nb,2,3\nc,4\n"))
    assert table.frame.rows() == [("a", "1"), ("b", "2"), ("c", "4")]
    assert dict(table.malformed) == {1: "line 3 has 3 fields, the header has 2"}


def test_a_line_with_too_few_fields_has_empty_ones(write):
    assert read_table(write("id,tokens\na\n")).frame.rows() == [("a", None)]


def test_a_header_alone_is_a_table_without_rows(write):
    table = read_table(write("id,tokens\n"))
    assert (table.frame.columns, table.frame.height) == (["id", "tokens"], 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n \n", "is empty"),
        (b"id,tokens\n\xff\xfe,1\n", "is not UTF-8: byte 0xff at position 10"),
        (b"id\0,tokens\n", "holds zero bytes"),
        (b"PAR1 but no more", "begins like Parquet but cannot be read"),
        (b"id,tokens,id\na,1,b\n", "names 'id' twice"),
        (b"id,,tokens\na,1,2\n", "column 2 of the header has no name"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(write, content: bytes, words: str):
    with pytest.raises(InputError, match=words):
        read_table(write(content))


def test_a_folder_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        read_table(str(tmp_path))


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_what_is_written_is_read_back(tmp_path: Path, name: str):
    frame = pl.DataFrame({"id": ["a", None], "note": ["x; y", 'with "quotes"']})
    write_table(frame, str(tmp_path / name))
    assert read_table(str(tmp_path / name)).frame.equals(frame)


@pytest.mark.parametrize("name", ["out.xlsx", "out", "no/such/folder/out.csv"])
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str):
    with pytest.raises(InputError, match="cannot be written"):
        write_table(pl.DataFrame({"id": ["a"]}), str(tmp_path / name))


def test_a_failed_write_leaves_the_old_file(tmp_path: Path):
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(InputError, match="'nested' of nested values"):
        write_table(pl.DataFrame({"nested": [[1, 2]]}), str(target))
    assert target.read_text() == "old"
