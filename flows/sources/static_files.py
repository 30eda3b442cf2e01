"""Providers that give whole files under one address: finding the folder, asking for a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

import polars as pl

from flows.sources.bodies import csv_frame
from flows.sources.context import FetchContext
from flows.sources.http import Answer
from flows.sources.http_errors import NotFoundError
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Fetched
from warehouse.tables import Parsed, Table, conform, no_rejects, rejects_of

CSV = ("text/csv", "text/plain", "application/octet-stream")
JSON = ("application/json", "text/plain")
ROW = "__row"


def csv_files(
    context: FetchContext, names: Iterable[str], folders: Iterable[str], licence: str
) -> Iterator[Fetched]:
    """Each of these CSV files, one after the other; one that fails does not stop the others.

    Args:
        context: The fetch.
        names: The files' names.
        folders: Where they may be under the base address, likeliest first.
        licence: The licence under which they come.

    Raises:
        SourceError: some files failed; the others were given first.
    """

    def fetch_file(name: str) -> Iterator[Fetched]:
        answer = ask_csv(context, name, folders)
        yield Fetched(
            body=answer.body,
            name=name,
            media_type=answer.media_type,
            request=answer.request,
            licence=licence,
        )

    yield from context.each(names, fetch_file)


def ask(
    context: FetchContext, name: str, folders: Iterable[str], expected: tuple[str, ...]
) -> Answer:
    """A file by its name. The base address may be its folder, one above it, or the file's own.

    Raises:
        NotFoundError: it is in none of the folders.
        SourceError: as for :meth:`ProviderHttp.get_bytes`.
    """
    base = folder_of(context.base_url)
    failure: NotFoundError | None = None
    for folder in dict.fromkeys(folders):
        try:
            if expected == JSON:
                return context.http.get_json(f"{base}{folder}/{name}")
            return context.http.get_bytes(f"{base}{folder}/{name}", expected=expected)
        except NotFoundError as error:
            failure = failure or error
    raise failure or NotFoundError(f"{name}: no folder was named.")


def ask_csv(context: FetchContext, name: str, folders: Iterable[str]) -> Answer:
    """A CSV file. One that does not end with its last line was cut, or is written so.

    It is asked for once more, past any cache, and believed if it comes the same again.

    Raises:
        SourceError: as for :func:`ask`; or it came cut in two different places.
    """
    answer = ask(context, name, folders, CSV)
    if _is_ended(answer.body) or context.already_landed(sha256(answer.body).hexdigest()):
        return answer
    url = answer.request.removeprefix("GET ")
    again = context.http.get_bytes(url, {"again": f"{context.as_of:%Y%m%d%H%M}"}, expected=CSV)
    if _is_ended(again.body):
        return replace(again, request=answer.request)
    if again.body != answer.body:
        raise SourceError(
            f"{answer.request} came twice, cut in two different places: {len(answer.body):,} and "
            f"{len(again.body):,} bytes, neither ending with a line.",
            remedy="It is tried again at the next run.",
            is_transient=True,
        )
    return answer


def _is_ended(body: bytes) -> bool:
    return body.endswith((b"\n", b"\r"))


def folder_of(url: str) -> str:
    """An address without the file's name at its end, if it has one."""
    return re.sub(r"/[^/]+\.(csv|json)$", "", url, flags=re.IGNORECASE)


def csv_rows(arrival: Arrival, source_id: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A CSV body as a frame of text, each row with its place in the column ``ROW``; and a reject.

    Empty lines are left out. A last line that ends before its last field, in a body that does not
    end with a line, was cut: what it holds may be a part of a word or a number.

    Raises:
        ParseError: it is no CSV.
    """
    frame = csv_frame(arrival, source_id)
    placed = frame.with_columns(pl.format("row {}", pl.int_range(pl.len()) + 1).alias(ROW))
    placed = placed.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    is_cut = not _is_ended(arrival.body) and not arrival.body.endswith(b",")
    if placed.is_empty() or not is_cut or placed[frame.columns[-1]][-1] is not None:
        return placed, no_rejects()
    cut = rejects_of(
        placed.tail(1),
        table="",
        location=pl.col(ROW),
        column=frame.columns[-1],
        value=pl.concat_str(pl.exclude(ROW), separator=",", ignore_nulls=True),
        reason="the file ends in the middle of this row",
    )
    return placed.head(-1), cut


def checked(rows: pl.DataFrame, cut: pl.DataFrame, table: Table) -> Parsed:
    """Rows of a table, tested against its declaration; ``cut`` as :func:`csv_rows` gives it."""
    good, bad = conform(rows, table, pl.col(ROW))
    named = cut.with_columns(pl.lit(table.name).alias("table_name"))
    return Parsed({table.name: good}, pl.concat([bad, named]))


def renamed(
    frame: pl.DataFrame,
    aliases: Mapping[str, Sequence[str]],
    *,
    source_id: str,
    location: str,
    needed: Sequence[str],
) -> pl.DataFrame:
    """The columns that are known, under our names; a name's upper case and blanks do not matter.

    Args:
        frame: As it was read.
        aliases: For each of our names the provider's, the newest first.
        source_id: For messages.
        location: For messages.
        needed: Names without which the file is another one.

    Raises:
        ParseError: one that is needed is missing.
    """
    given: dict[str, str] = {}
    for column in frame.columns:
        given.setdefault(" ".join(column.lower().split()), column)
    chosen = {
        name: given[found]
        for name, spellings in aliases.items()
        if (found := next((s.lower() for s in spellings if s.lower() in given), None))
    }
    for name in needed:
        if name not in chosen:
            raise ParseError(
                f"no column {' or '.join(map(repr, aliases[name]))}; found: "
                f"{', '.join(frame.columns)[:300]}",
                source_id=source_id,
                location=location,
                field=name,
            )
    kept = [pl.col(column).alias(name) for name, column in chosen.items()]
    return frame.select(*kept, *([ROW] if ROW in frame.columns else []))
