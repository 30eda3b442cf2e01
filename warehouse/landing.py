"""The landing area: every body as it came, addressed by its content, never changed.

``bodies/<aa>/<sha256>.zst`` holds a body; ``records/<source_id>/<landing_id>.json`` says when it
came, from which request (without secrets) and under which licence. The landing area alone is
enough to rebuild the warehouse.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zstandard

from warehouse.errors import LandingError
from warehouse.files import write_atomically
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.spans import Span

_ZSTD_LEVEL = 3


@dataclass(frozen=True)
class Covered:
    """The time of one series (a zone, say) that a body answers for."""

    series_id: str
    span: Span


@dataclass(frozen=True)
class Fetched:
    """One body as a provider gave it.

    Attributes:
        body: the bytes.
        name: a file name for it.
        media_type: what the provider said it is.
        request: what was asked, in words or as an address; it must hold no secret.
        licence: the licence under which it came.
        about: what a reader must know and the body does not say, such as the zone asked for.
        covers: the time that it answers for, where it is a part of a series.
    """

    body: bytes
    name: str
    media_type: str
    request: str
    licence: str
    about: Mapping[str, str] = field(default_factory=dict)
    covers: Covered | None = None


@dataclass(frozen=True)
class Landed:
    """The record of one landed body. ``landing_id`` is its key within the source."""

    landing_id: str
    landed_sha256: str
    source_id: str
    name: str
    media_type: str
    request: str
    licence: str
    byte_count: int
    fetched_at: datetime
    about: Mapping[str, str] = field(default_factory=dict)
    covers: Covered | None = None


class Landing:
    """The landing area under ``settings.landing_dir``."""

    def __init__(self, settings: Settings) -> None:
        self._bodies = settings.landing_dir / "bodies"
        self._records = settings.landing_dir / "records"

    def land(
        self, source_id: str, fetched: Fetched, run: Run, *, is_return: bool = False
    ) -> Landed:
        """Keep a body. The same body for the same request again changes nothing.

        Args:
            source_id: Whose it is.
            fetched: The body and what is known of it.
            run: Whose clock says when it came.
            is_return: The provider gave another body in between, and now this one again: it is
                an arrival of its own, because what it says is news.

        Returns:
            The record of its first arrival, or of this one if it is a return.
        """
        digest = hashlib.sha256(fetched.body).hexdigest()
        fetched_at = run.now()
        landing_id = _landing_id(digest, fetched, fetched_at if is_return else None)
        record_path = self._records / source_id / f"{landing_id}.json"
        body_path = self._body_path(digest)
        if not body_path.exists():
            compressed = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(fetched.body)
            write_atomically(body_path, compressed)
        if record_path.exists():
            return _read_record(record_path)
        landed = Landed(
            landing_id=landing_id,
            landed_sha256=digest,
            source_id=source_id,
            name=fetched.name,
            media_type=fetched.media_type,
            request=fetched.request,
            licence=fetched.licence,
            byte_count=len(fetched.body),
            fetched_at=fetched_at,
            about=dict(fetched.about),
            covers=fetched.covers,
        )
        write_atomically(record_path, json.dumps(_document(landed), indent=2).encode())
        return landed

    def has(self, landed_sha256: str) -> bool:
        """Whether a body with this hash is kept, with its record.

        A process that died between the two writes leaves a body alone: it has to come again.
        """
        recorded = any(self._records.glob(f"*/{landed_sha256}.json"))
        return recorded and self._body_path(landed_sha256).exists()

    def landing_ids(self, source_id: str) -> set[str]:
        """The keys of all records of a source, without reading one: it may have very many."""
        try:
            names = os.listdir(self._records / source_id)  # noqa: PTH208 - names, no objects
        except FileNotFoundError:
            return set()
        return {name.removesuffix(".json") for name in names if name.endswith(".json")}

    def record(self, source_id: str, landing_id: str) -> Landed:
        """One record by its key."""
        return _read_record(self._records / source_id / f"{landing_id}.json")

    def read(self, landed_sha256: str) -> bytes:
        """The body, proven to be what was landed.

        Raises:
            LandingError: it is missing, or its content does not have this hash.
        """
        path = self._body_path(landed_sha256)
        remedy = (
            "Delete it and its records under the landing folder, then run "
            "`joulehouse refresh`: the source is fetched again."
        )
        try:
            body = zstandard.ZstdDecompressor().decompress(path.read_bytes())
        except FileNotFoundError as error:
            raise LandingError(f"landed body {landed_sha256} is missing.", remedy=remedy) from error
        except zstandard.ZstdError as error:
            raise LandingError(
                f"landed body {landed_sha256} cannot be unpacked: {error}.", remedy=remedy
            ) from error
        found = hashlib.sha256(body).hexdigest()
        if found != landed_sha256:
            raise LandingError(
                f"landed body {landed_sha256} was changed: its content has hash {found}.",
                remedy=remedy,
            )
        return body

    def records(self, source_id: str | None = None) -> list[Landed]:
        """All records, or those of one source, oldest first."""
        pattern = f"{source_id or '*'}/*.json"
        found = [_read_record(path) for path in self._records.glob(pattern)]
        return sorted(found, key=lambda landed: (landed.fetched_at, landed.landing_id))

    def forget(self, landed: Iterable[Landed]) -> int:
        """Remove records, and the bodies that no other record needs.

        Returns:
            Bytes freed on the disk.
        """
        for record in landed:
            (self._records / record.source_id / f"{record.landing_id}.json").unlink(missing_ok=True)
        return self._sweep()

    def unreferenced_bodies(self) -> list[Path]:
        """Bodies without a record: left by a process that died between the two writes."""
        needed = {landed.landed_sha256 for landed in self.records()}
        return sorted(
            path for path in self._bodies.glob("*/*.zst") if path.name.split(".")[0] not in needed
        )

    def _sweep(self) -> int:
        freed = 0
        for path in self.unreferenced_bodies():
            freed += path.stat().st_size
            path.unlink()
        return freed

    def _body_path(self, landed_sha256: str) -> Path:
        return self._bodies / landed_sha256[:2] / f"{landed_sha256}.zst"


def _landing_id(digest: str, fetched: Fetched, returned_at: datetime | None) -> str:
    """The body's hash, unless the same bytes may stand for something else elsewhere."""
    if not fetched.about and fetched.covers is None and returned_at is None:
        return digest
    parts = [digest, fetched.request, json.dumps(dict(fetched.about), sort_keys=True)]
    if returned_at is not None:
        parts.append(returned_at.isoformat())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _document(landed: Landed) -> dict[str, Any]:
    document = vars(landed) | {"fetched_at": landed.fetched_at.isoformat()}
    if landed.covers is not None:
        document["covers"] = {
            "series_id": landed.covers.series_id,
            "start_at": landed.covers.span.start_at.isoformat(),
            "end_at": landed.covers.span.end_at.isoformat(),
        }
    return document


def _read_record(path: Path) -> Landed:
    document = json.loads(path.read_bytes())
    document.setdefault("landing_id", document["landed_sha256"])
    document["fetched_at"] = datetime.fromisoformat(document["fetched_at"])
    if covers := document.get("covers"):
        instants = (datetime.fromisoformat(covers[name]) for name in ("start_at", "end_at"))
        span = Span(*(instant.astimezone(UTC) for instant in instants))
        document["covers"] = Covered(covers["series_id"], span)
    return Landed(**document)
