"""Providers that give whole files: validators, conditional requests, and tables as CSV."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from local_providers import Provider, World, faults_of
from local_providers.faults import ActiveFaults
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

MEDIA_TYPES = {
    "csv": "text/plain; charset=utf-8",
    "json": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
REVALIDATE = "max-age=0, must-revalidate"
NO_FAULTS = ActiveFaults()


Writer = Callable[[ActiveFaults], bytes]
"""What writes a file, spoilt by the faults that are on."""


class FileProvider(Provider):
    """One provider of files. A subclass holds the data and says how each file is written.

    A file answers under its own path and under any path that ends with it, so that
    ``/2024.csv`` and ``/data/yearly/2024.csv`` are the same file.

    Attributes:
        cache_control: what every answer says; ``max-age=300`` is what code hosts send.
        modified_at: the files' ``Last-Modified``; None sends none.
        overrides: bodies that are given instead of what would be written, by path.
        missing: paths that are answered with 404.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.cache_control = REVALIDATE
        self.modified_at: datetime | None = None
        self.overrides: dict[str, bytes] = {}
        self.missing: set[str] = set()

    def files(self) -> Mapping[str, Writer]:
        """Every file by its path, as what writes it."""
        raise NotImplementedError

    def body(self, path: str, faults: ActiveFaults = NO_FAULTS) -> bytes:
        """What a file holds now.

        Raises:
            KeyError: there is no such file.
        """
        files = self.files()
        asked = path.strip("/")
        known = [name for name in (*self.overrides, *files) if name not in self.missing]
        matching = [name for name in known if f"/{asked}".endswith(f"/{name}")]
        matching += [name for name in known if asked and f"/{name}".endswith(f"/{asked}")]
        if not matching:
            raise KeyError(path)
        name = matching[0]
        return self.overrides[name] if name in self.overrides else files[name](faults)

    def routes(self) -> Sequence[Route]:
        """One route for all files."""
        return [Route("/{path:path}", self._answer)]

    def error_in_200(self, request: Request) -> Response:
        """What a code host says when it is tired, with a good status."""
        del request
        return PlainTextResponse('{"message": "API rate limit exceeded"}')

    async def _answer(self, request: Request) -> Response:
        path = request.path_params["path"]
        try:
            body = self.body(path, faults_of(request))
        except KeyError:
            return PlainTextResponse("404: Not Found", 404)
        return conditional(
            request,
            body,
            media_type=MEDIA_TYPES[path.rpartition(".")[2]],
            cache_control=self.cache_control,
            modified_at=self.modified_at,
        )


def conditional(
    request: Request,
    body: bytes,
    *,
    media_type: str,
    cache_control: str = REVALIDATE,
    modified_at: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The body, or 304 if the caller says that it has it already."""
    etag = etag_of(body)
    said = {"ETag": etag, "Cache-Control": cache_control, **(headers or {})}
    if modified_at is not None:
        said["Last-Modified"] = format_datetime(modified_at.astimezone(UTC), usegmt=True)
    asked = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if "*" in asked or any(tag.removeprefix("W/") == etag for tag in asked):
        return Response(status_code=304, headers=said)
    since = request.headers.get("if-modified-since")
    if not any(asked) and since and since == said.get("Last-Modified"):
        return Response(status_code=304, headers=said)
    return Response(body, media_type=media_type, headers=said)


def renamed(faults: ActiveFaults) -> dict[str, str]:
    """The columns that have another name now, by their old one."""
    return {
        fault.option("field"): fault.option("to", f"{fault.option('field')}_new")
        for fault in faults
        if fault.kind == "renamed"
    }


def etag_of(body: bytes) -> str:
    """A strong validator of a body."""
    return f'"{hashlib.sha256(body).hexdigest()}"'


def csv_bytes(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    faults: ActiveFaults = NO_FAULTS,
    *,
    has_bom: bool = False,
    line_end: str = "\n",
) -> bytes:
    """Rows as CSV. What a row does not name is empty; None is empty.

    A fault that renames a column renames it where it stands; one that adds a column adds it last.
    """
    disturbed = faults.disturb([{name: row.get(name, "") for name in columns} for row in rows])
    names = renamed(faults)
    header = [names.get(name, name) for name in columns]
    header += sorted({name for row in disturbed for name in row} - set(header))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", lineterminator=line_end)
    writer.writeheader()
    writer.writerows(disturbed)
    return text.getvalue().encode("utf-8-sig" if has_bom else "utf-8")
