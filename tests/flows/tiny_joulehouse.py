"""The command ``joulehouse`` with two small sources in the place of the real ones.

``tiny`` reads the CSV files of the folder in TINY_INBOX: a name and a quantity a line. ``other``
reads those of TINY_OTHER_INBOX. A file named ``unreachable`` stands for a provider that cannot be
reached. With TINY_STUCK the parser waits for ever, so that a test can kill it.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl

from flows.sources.protocol import FetchContext, Source
from flows.sources.registry import SOURCES
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table, conform

TABLE = Table(
    "tiny_values",
    "One row per value",
    (
        Column("name", pl.String, "Name", required=True),
        Column("quantity", pl.Int64, "Quantity", unit="count", required=True, minimum=0),
    ),
    key=("name",),
)


def _fetch(variable: str) -> Iterator[Fetched]:
    for path in sorted(Path(os.environ[variable]).iterdir()):
        if path.name == "unreachable":
            raise SourceError("the provider cannot be reached.", remedy="Try again later.")
        yield Fetched(path.read_bytes(), path.name, "text/csv", path.name, "CC0-1.0")


def fetch_tiny(_context: FetchContext) -> Iterator[Fetched]:
    return _fetch("TINY_INBOX")


def fetch_other(_context: FetchContext) -> Iterator[Fetched]:
    return _fetch("TINY_OTHER_INBOX")


def parse_tiny(body: bytes) -> Parsed:
    if os.environ.get("TINY_STUCK"):
        threading.Event().wait()
    try:
        frame = pl.read_csv(io.BytesIO(body), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise ParseError(f"not CSV: {error}", source_id="tiny") from error
    place = pl.format("row {}", pl.int_range(pl.len()))
    rows, rejects = conform(frame, TABLE, place)
    return Parsed({TABLE.name: rows}, rejects)


def _source(source_id: str, fetch: object) -> Source:
    return Source(
        source_id=source_id,
        title=source_id,
        publisher="the tests",
        homepage_url="https://example.org",
        licence="CC0-1.0",
        licence_url="https://example.org/licence",
        citation="none",
        description="Made up.",
        cadence=timedelta(days=1),
        parser_version=1,
        tables=(TABLE,),
        fetch=fetch,
        parse=parse_tiny,
    )


TINY = {
    "tiny": _source("tiny", fetch_tiny),
    "other": _source("other", fetch_other),
}


def main() -> None:
    SOURCES.clear()
    SOURCES.update(TINY)
    from flows.cli import main as joulehouse

    joulehouse()


if __name__ == "__main__":
    sys.exit(main())
