"""Reading members of a wheel in memory: JSON, CSV and bytes, with bounds and clear refusals.

Nothing is unpacked to disk, imported or unpickled. A size limit on each member and on the whole
archive stops a zip bomb before it is inflated.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import polars as pl

from warehouse.errors import ParseError
from warehouse.tables import REJECTS, no_rejects

MAX_MEMBER_BYTES = 128 * 1024 * 1024
MAX_ARCHIVE_BYTES = 1024 * 1024 * 1024

Kind = TypeVar("Kind")

_KINDS = {dict: "an object", list: "a list", str: "text", int: "a whole number"}


class Archive:
    """A wheel held in memory.

    Raises:
        ParseError: the bytes are no zip, are cut short, or would inflate beyond the limit.
    """

    def __init__(self, body: bytes, *, source_id: str) -> None:
        self.source_id = source_id
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(body))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise ParseError(
                f"the body of {len(body):,} bytes is not a whole zip archive ({error}); "
                "it was cut short or is no wheel",
                source_id=source_id,
            ) from error
        self._sizes = {info.filename: info.file_size for info in self._zip.infolist()}
        total = sum(self._sizes.values())
        if total > MAX_ARCHIVE_BYTES:
            raise ParseError(
                f"the archive would inflate to {total:,} bytes; "
                f"at most {MAX_ARCHIVE_BYTES:,} are read",
                source_id=source_id,
            )

    def names(self, *, prefix: str, suffix: str) -> list[str]:
        """Members under ``prefix`` that end in ``suffix``, sorted; at least one.

        Raises:
            ParseError: there is none.
        """
        found = sorted(
            name for name in self._sizes if name.startswith(prefix) and name.endswith(suffix)
        )
        if not found:
            raise ParseError(
                "the archive has no such member", source_id=self.source_id, location=prefix + suffix
            )
        return found

    def read(self, member: str) -> bytes:
        """The bytes of one member, checked against its CRC.

        Raises:
            ParseError: the member is missing, too large, damaged or encrypted.
        """
        if member not in self._sizes:
            folder = member.rpartition("/")[0]
            near = sorted(name for name in self._sizes if name.startswith(f"{folder}/"))[:5]
            raise ParseError(
                "the archive has no such member"
                + (f"; beside it are: {', '.join(near)}" if near else ""),
                source_id=self.source_id,
                location=member,
            )
        if self._sizes[member] > MAX_MEMBER_BYTES:
            raise self.fault(
                f"the member would inflate to {self._sizes[member]:,} bytes; "
                f"at most {MAX_MEMBER_BYTES:,} are read",
                member,
            )
        try:
            with self._zip.open(member) as stream:
                return stream.read(MAX_MEMBER_BYTES + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise self.fault(f"the member is damaged: {error}", member) from error

    def text(self, member: str) -> str:
        """A member as UTF-8 text, a byte-order mark removed.

        Raises:
            ParseError: it is not UTF-8.
        """
        try:
            return self.read(member).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self.fault(f"not UTF-8 text: {error}", member) from error

    def json_object(self, member: str) -> dict[str, Any]:
        """A member as a JSON object.

        Raises:
            ParseError: it is not JSON, or not an object.
        """
        try:
            document = json.loads(self.text(member))
        except (json.JSONDecodeError, RecursionError) as error:
            raise self.fault(f"not JSON: {error}", member) from error
        if not isinstance(document, dict):
            raise self.fault(f"expected a JSON object, found {type(document).__name__}", member)
        return document

    def csv(self, member: str, *, table: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        """A CSV member as text columns plus ``location``, and the lines that do not fit its header.

        Raises:
            ParseError: it has no header, or a name stands twice in it.
        """
        reader = csv.reader(io.StringIO(self.text(member)), strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            lines = [(reader.line_num, line) for line in reader if any(map(str.strip, line))]
        except csv.Error as error:
            raise self.fault(f"not CSV: {error}", member) from error
        if not header or len(set(header)) != len(header):
            raise self.fault(f"the header is empty or names a column twice: {header}", member)
        fitting = [
            dict(zip(header, line, strict=True)) | {"location": f"{member} line {number}"}
            for number, line in lines
            if len(line) == len(header)
        ]
        misfits = [
            {
                "table_name": table,
                "location": f"{member} line {number}",
                "column_name": None,
                "offending_value": ",".join(line)[:200],
                "reason": f"{len(line)} fields where the header has {len(header)}",
            }
            for number, line in lines
            if len(line) != len(header)
        ]
        schema = dict.fromkeys([*header, "location"], pl.String)
        rejects = pl.DataFrame(misfits, schema=REJECTS) if misfits else no_rejects()
        return pl.DataFrame(fitting, schema=schema), rejects

    def field(self, holder: Mapping[str, Any], name: str, kind: type[Kind], location: str) -> Kind:
        """A field that must be there and be of a kind.

        Raises:
            ParseError: it is missing or of another kind; names the member and the field.
        """
        if name not in holder:
            raise ParseError(
                f"the field is missing; found: {', '.join(holder)[:300]}",
                source_id=self.source_id,
                location=location,
                field=name,
            )
        value = holder[name]
        if not isinstance(value, kind):
            raise ParseError(
                f"expected {_KINDS.get(kind, kind.__name__)}",
                source_id=self.source_id,
                location=location,
                field=name,
                value=json.dumps(value, default=str),
            )
        return value

    def expect(self, holder: Mapping[str, Any], name: str, expected: str, location: str) -> str:
        """A field that must have one known value, such as a unit.

        Raises:
            ParseError: it has another; its meaning is then unknown and nothing may be guessed.
        """
        value = self.field(holder, name, str, location)
        if value != expected:
            raise ParseError(
                f"expected {expected!r}",
                source_id=self.source_id,
                location=location,
                field=name,
                value=value,
            )
        return value

    def fault(self, reason: str, member: str) -> ParseError:
        """An error about one member."""
        return ParseError(reason, source_id=self.source_id, location=member)


def text_frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of JSON values as text columns, exactly as they came, for ``conform`` to type.

    Numbers keep all their digits; a list is joined by ``; ``; an object is its JSON text. A field
    that no row has gives no column. For reference tables of some thousand rows, not bulk data.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame(
        {name: [as_text(row.get(name)) for row in rows] for name in names},
        schema=dict.fromkeys(names, pl.String),
    )


def as_text(value: object) -> str | None:
    """A JSON value as text: None stays None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return "; ".join(text for item in value if (text := as_text(item)) is not None)
    return json.dumps(value)


def stack(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Frames under one another, columns by name; one that is absent in a frame is null there."""
    return pl.concat(frames, how="diagonal")
