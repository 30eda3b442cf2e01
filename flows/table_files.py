"""Reading and writing a user's table: CSV or Parquet, a file or a pipe."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from warehouse.errors import InputError
from warehouse.files import replacing

_PARQUET_MAGIC = b"PAR1"
_PARQUET_SUFFIXES = (".parquet", ".pq")
_CSV_SUFFIXES = (".csv", ".tsv", ".txt")
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class UserTable:
    """A user's rows as they were given; cells of a CSV file are text, empty ones are null.

    ``malformed`` holds, by the row's index from 0, what is wrong with the line of a row.
    """

    frame: pl.DataFrame
    malformed: Mapping[int, str] = field(default_factory=dict)


def read_table(source: str) -> UserTable:
    """Read a CSV or Parquet file, told apart by content; ``-`` is standard input.

    Raises:
        InputError: it is neither, or it has no header.
    """
    name = "standard input" if source == "-" else source
    body = _read_bytes(source, name)
    if body[:4] == _PARQUET_MAGIC:
        return UserTable(_from_parquet(body, name))
    return _from_csv(body, name)


def write_table(frame: pl.DataFrame, target: str) -> None:
    """Write CSV or Parquet, by the name's suffix, in one step; ``-`` is CSV on standard output.

    Raises:
        InputError: the suffix is of another kind, or the file cannot be written.
    """
    if target == "-":
        _refuse_nested(frame, "standard output")
        sys.stdout.write(frame.write_csv())
        return
    path = Path(target)
    suffix = path.suffix.lower()
    if suffix not in (*_PARQUET_SUFFIXES, *_CSV_SUFFIXES):
        raise InputError(
            f"{target}: a file of kind {suffix or 'without suffix'!r} cannot be written.",
            remedy="Name it .csv or .parquet, or give - for standard output.",
        )
    if not path.parent.is_dir():
        raise InputError(f"{target} cannot be written: the folder {path.parent} is not there.")
    if suffix in _CSV_SUFFIXES:
        _refuse_nested(frame, target)
    try:
        with replacing(path) as temporary:
            if suffix in _PARQUET_SUFFIXES:
                frame.write_parquet(temporary)
            else:
                frame.write_csv(temporary, separator="\t" if suffix == ".tsv" else ",")
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}.") from error


def _refuse_nested(frame: pl.DataFrame, target: str) -> None:
    for name, dtype in frame.schema.items():
        if dtype.is_nested():
            raise InputError(
                f"{target} cannot be written as CSV with the column {name!r} of nested values.",
                remedy="Write Parquet, or leave the column out.",
            )


def _read_bytes(source: str, name: str) -> bytes:
    try:
        body = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise InputError(
            f"{name} cannot be read: {error.strerror or error}.",
            remedy="Give a CSV or Parquet file, or - for standard input.",
        ) from error
    if not body.strip():
        raise InputError(f"{name} is empty.", remedy="A CSV file begins with a line of names.")
    return body


def _from_parquet(body: bytes, name: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(io.BytesIO(body))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{name} begins like Parquet but cannot be read: {error}.") from error


def _from_csv(body: bytes, name: str) -> UserTable:
    text = _decoded(body, name)
    delimiter = _delimiter(text)
    header = next(csv.reader(io.StringIO(text), delimiter=delimiter))
    _check_header(header, name)
    try:
        frame = pl.read_csv(
            text.encode(), separator=delimiter, infer_schema=False, raise_if_empty=True
        )
    except pl.exceptions.PolarsError:
        # A line with too many fields stops Polars. One bad line must not cost the others.
        return _line_by_line(text, delimiter, header, name)
    return UserTable(frame)


def _decoded(body: bytes, name: str) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is not UTF-8: byte {body[error.start]:#04x} at position {error.start:,}.",
            remedy="Save it as CSV in UTF-8, or as Parquet.",
        ) from error
    if "\0" in text:
        raise InputError(
            f"{name} is no text: it holds zero bytes.", remedy="Give a CSV or Parquet file."
        )
    return text


def _delimiter(text: str) -> str:
    """The one of the usual delimiters that the header holds most often."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return max(_DELIMITERS, key=first.count)


def _check_header(header: list[str], name: str) -> None:
    names = [cell.strip() for cell in header]
    if "" in names:
        raise InputError(
            f"{name}: column {names.index('') + 1} of the header has no name.",
            remedy="The first line must name every column.",
        )
    twice = sorted({cell for cell in names if names.count(cell) > 1})
    if twice:
        raise InputError(f"{name}: the header names {', '.join(map(repr, twice))} twice.")


def _line_by_line(text: str, delimiter: str, header: list[str], name: str) -> UserTable:
    width = len(header)
    rows: list[list[str | None]] = []
    malformed: dict[int, str] = {}
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        next(reader)
        for cells in reader:
            if not cells:
                continue
            if len(cells) > width:
                malformed[len(rows)] = (
                    f"line {reader.line_num} has {len(cells)} fields, the header has {width}"
                )
            padded = [cell or None for cell in cells[:width]]
            rows.append(padded + [None] * (width - len(padded)))
    except csv.Error as error:
        raise InputError(
            f"{name}, line {reader.line_num}, cannot be read as CSV: {error}."
        ) from error
    schema = dict.fromkeys(header, pl.String)
    return UserTable(pl.DataFrame(rows, schema=schema, orient="row"), malformed)
