"""The command ``joulehouse`` with two small sources in the place of the real ones.

``tiny`` reads the CSV files of the folder in TINY_INBOX: a name and a quantity a line. ``other``
reads those of TINY_OTHER_INBOX. A file named ``unreachable`` stands for a provider that cannot be
reached. With TINY_STUCK the parser waits for ever, so that a test can kill it.

With TINY_HISTORY there is a third, ``history``, with an hourly value in two zones since ever. It
writes a line for each request into that file. A file beside it, whose name is that with ``.stuck``
or ``.down``, holds a day from which on it waits for ever or cannot be reached.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import polars as pl

from flows.sources.context import FetchContext
from flows.sources.protocol import Arrival, Source, reading_bytes
from flows.sources.registry import SOURCES
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Covered, Fetched
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
        parse=reading_bytes(parse_tiny),
    )


HOURS = Table(
    "tiny_hours",
    "One row per zone and hour",
    (
        Column("zone", pl.String, "Zone", required=True),
        Column("interval_start_at", pl.Datetime("us", "UTC"), "Start", unit="UTC", required=True),
        Column("interval_minutes", pl.Int64, "Length", unit="min", required=True),
    ),
    key=("zone", "interval_start_at"),
)


def fetch_history(context: FetchContext) -> Iterator[Fetched]:
    return context.each(context.zones, partial(_fetch_zone, context))


def _fetch_zone(context: FetchContext, zone: str) -> Iterator[Fetched]:
    asked = Path(os.environ["TINY_HISTORY"])
    for span in context.spans(zone):
        day = span.start_at.date().isoformat()
        if _is_reached(asked.with_suffix(".stuck"), day):
            threading.Event().wait()
        if _is_reached(asked.with_suffix(".down"), day):
            raise SourceError(f"{zone} from {day} cannot be reached.", remedy="Try again later.")
        with asked.open("a") as log:
            log.write(f"{zone} {day}\n")
        hours = pl.datetime_range(span.start_at, span.end_at, "1h", closed="left", eager=True)
        body = pl.DataFrame({"zone": zone, "interval_start_at": hours.dt.to_string("iso:strict")})
        yield Fetched(
            body.with_columns(interval_minutes=60).write_csv().encode(),
            f"{zone}_{day}.csv",
            "text/csv",
            f"{zone} from {day}",
            "CC0-1.0",
            about={"zone": zone},
            covers=Covered(zone, span),
        )


def _is_reached(path: Path, day: str) -> bool:
    return path.exists() and day >= path.read_text().strip()


def parse_history(arrival: Arrival) -> Parsed:
    if "zone" not in arrival.about:
        raise ParseError("nothing says which zone it is of", source_id="history")
    frame = pl.read_csv(io.BytesIO(arrival.body), infer_schema=False)
    rows, rejects = conform(frame, HOURS, pl.format("row {}", pl.int_range(pl.len())))
    return Parsed({HOURS.name: rows}, rejects)


HISTORY = replace(
    _source("history", fetch_history),
    parse=parse_history,
    tables=(HOURS,),
    cadence=timedelta(hours=1),
    zones=("aa", "bb"),
    default_zones=("aa", "bb"),
    chunk=timedelta(days=7),
    first=timedelta(days=1),
    about_file=lambda name: {"zone": name[:2]} if name[:2] in ("aa", "bb") else {},
)

TINY = {
    "tiny": _source("tiny", fetch_tiny),
    "other": _source("other", fetch_other),
}


def main() -> None:
    SOURCES.clear()
    SOURCES.update(TINY)
    if "TINY_HISTORY" in os.environ:
        SOURCES["history"] = HISTORY
    from flows.cli import main as joulehouse

    joulehouse()


if __name__ == "__main__":
    sys.exit(main())
