"""The landing area: every body as it came, addressed by its content, never changed.

``bodies/<aa>/<sha256>.zst`` holds a body; ``records/<source_id>/<sha256>.json`` says when it came,
from which request (without secrets) and under which licence. The landing area alone is enough to
rebuild the warehouse.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import zstandard

from warehouse.errors import LandingError
from warehouse.files import write_atomically
from warehouse.run import Run
from warehouse.settings import Settings

_ZSTD_LEVEL = 3


@dataclass(frozen=True)
class Fetched:
    """One body as a provider gave it. ``request`` must hold no secret."""

    body: bytes
    name: str
    media_type: str
    request: str
    licence: str


@dataclass(frozen=True)
class Landed:
    """The record of one landed body."""

    landed_sha256: str
    source_id: str
    name: str
    media_type: str
    request: str
    licence: str
    byte_count: int
    fetched_at: datetime


class Landing:
    """The landing area under ``settings.landing_dir``."""

    def __init__(self, settings: Settings) -> None:
        self._bodies = settings.landing_dir / "bodies"
        self._records = settings.landing_dir / "records"

    def land(self, source_id: str, fetched: Fetched, run: Run) -> Landed:
        """Keep a body. The same body of the same source again changes nothing.

        Returns:
            The record of its first arrival.
        """
        digest = hashlib.sha256(fetched.body).hexdigest()
        record_path = self._records / source_id / f"{digest}.json"
        body_path = self._body_path(digest)
        if not body_path.exists():
            compressed = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(fetched.body)
            write_atomically(body_path, compressed)
        if record_path.exists():
            return _read_record(record_path)
        landed = Landed(
            landed_sha256=digest,
            source_id=source_id,
            name=fetched.name,
            media_type=fetched.media_type,
            request=fetched.request,
            licence=fetched.licence,
            byte_count=len(fetched.body),
            fetched_at=run.now(),
        )
        document = asdict(landed) | {"fetched_at": landed.fetched_at.isoformat()}
        write_atomically(record_path, json.dumps(document, indent=2).encode())
        return landed

    def has(self, landed_sha256: str) -> bool:
        """Whether a body with this hash is kept, with its record.

        A process that died between the two writes leaves a body alone: it has to come again.
        """
        recorded = any(self._records.glob(f"*/{landed_sha256}.json"))
        return recorded and self._body_path(landed_sha256).exists()

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
        return sorted(found, key=lambda landed: (landed.fetched_at, landed.landed_sha256))

    def forget(self, landed: Iterable[Landed]) -> int:
        """Remove records, and the bodies that no other record needs.

        Returns:
            Bytes freed on the disk.
        """
        for record in landed:
            (self._records / record.source_id / f"{record.landed_sha256}.json").unlink(
                missing_ok=True
            )
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


def _read_record(path: Path) -> Landed:
    document = json.loads(path.read_bytes())
    return Landed(**document | {"fetched_at": datetime.fromisoformat(document["fetched_at"])})
