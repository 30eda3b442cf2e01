"""Reading landed bodies of common forms, with one way of saying what is wrong with them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from flows.sources.protocol import Arrival
from warehouse.errors import ParseError


def json_document(arrival: Arrival, source_id: str) -> Any:  # noqa: ANN401
    """The body as JSON.

    Raises:
        ParseError: it is none; the message shows how it begins.
    """
    try:
        return orjson.loads(arrival.body)
    except orjson.JSONDecodeError as error:
        raise ParseError(
            f"JSON was expected: {error}",
            source_id=source_id,
            location=arrival.name,
            value=arrival.body[:120].decode(errors="replace"),
        ) from error


def json_object(arrival: Arrival, source_id: str) -> Mapping[str, Any]:
    """The body as a JSON object.

    Raises:
        ParseError: it is none.
    """
    document = json_document(arrival, source_id)
    if not isinstance(document, dict):
        raise ParseError(
            f"a JSON object was expected, a {type(document).__name__} came",
            source_id=source_id,
            location=arrival.name,
        )
    return document


def member(
    document: Mapping[str, Any], name: str, kind: type | tuple[type, ...], source_id: str
) -> Any:  # noqa: ANN401
    """A field of an object that must be there and be of this kind (``list``, ``dict``, ``str``).

    Raises:
        ParseError: it is missing or of another kind.
    """
    if name not in document:
        found = ", ".join(map(str, list(document)[:20])) or "nothing"
        raise ParseError(f"the field is missing; found: {found}", source_id=source_id, field=name)
    value = document[name]
    if not isinstance(value, kind):
        raise ParseError(
            f"another kind of value was expected, a {type(value).__name__} came",
            source_id=source_id,
            field=name,
            value=str(value),
        )
    return value


def text_frame(records: Sequence[object], names: Sequence[str]) -> pl.DataFrame:
    """JSON objects as a frame of text, one column a name, so that odd values reach quarantine.

    A record that is no object becomes a row of nulls. True and false are ``true`` and ``false``;
    lists and objects are JSON.
    """
    return pl.DataFrame(
        {
            name: pl.Series(name, [_text(record, name) for record in records], dtype=pl.String)
            for name in names
        }
    )


def csv_frame(arrival: Arrival, source_id: str) -> pl.DataFrame:
    """A CSV body as a frame of text, columns as named in its header, padding removed.

    UTF-8 with or without byte-order mark, else Windows-1252, which every byte can be read as.

    Raises:
        ParseError: it is no CSV, or holds no header.
    """
    try:
        text = arrival.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = arrival.body.decode("cp1252", errors="replace")
    if not text.strip() or text.lstrip()[:1] in "<{":
        raise ParseError(
            "a CSV table was expected",
            source_id=source_id,
            location=arrival.name,
            value=text.strip()[:120],
        )
    try:
        frame = pl.read_csv(
            io.StringIO(text), infer_schema=False, truncate_ragged_lines=True, raise_if_empty=True
        )
    except pl.exceptions.PolarsError as error:
        raise ParseError(
            f"not a CSV table: {error}", source_id=source_id, location=arrival.name
        ) from error
    stripped = {name: name.strip() for name in frame.columns}
    if len(set(stripped.values())) == len(stripped):
        frame = frame.rename(stripped)
    return frame.with_columns(pl.all().str.strip_chars().replace("", None))


def _text(record: object, name: str) -> str | None:
    value = record.get(name) if isinstance(record, dict) else None
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | list | dict):
        return orjson.dumps(value).decode()
    return repr(value) if isinstance(value, float) else str(value)
