"""Publishing: the writer's file becomes a new, immutable, versioned file; then a pointer moves.

``published/joulehouse-<build_id>.duckdb`` is a build; ``published/current.duckdb`` is a symbolic
link to the newest, replaced in one step; ``published/current.json`` says the same for scripts.
Readers never wait for the writer, and keep the last good build when a new one fails.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.errors import NotPublishedError, PublishError
from warehouse.files import replacing, write_atomically
from warehouse.run import Run
from warehouse.settings import Settings

POINTER_NAME = "current.duckdb"
_NAME = re.compile(r"joulehouse-(?P<build_id>(?P<sequence>\d{6})-\d{8}T\d{6}Z)\.duckdb")


@dataclass(frozen=True)
class Build:
    """A published build. ``sequence`` grows by one with each."""

    build_id: str
    sequence: int
    path: Path


def next_build_id(settings: Settings, run: Run) -> str:
    """The key of the build that this run will publish: ``000042-20261122T060000Z``."""
    newest = max((build.sequence for build in builds(settings)), default=0)
    pointer = _pointer_document(settings)
    newest = max(newest, int(str(pointer.get("sequence", 0))))
    return f"{newest + 1:06d}-{run.as_of:%Y%m%dT%H%M%SZ}"


def builds(settings: Settings) -> list[Build]:
    """The published builds that are still kept, oldest first."""
    found = [build_of(path) for path in settings.published_dir.glob("joulehouse-*.duckdb")]
    return sorted((b for b in found if b is not None), key=lambda build: build.sequence)


def build_of(path: Path) -> Build | None:
    """The build that a file holds, by its name; None if it is not one of ours."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    return Build(build_id=match["build_id"], sequence=int(match["sequence"]), path=path)


def current_build(settings: Settings) -> Build:
    """The build that the pointer names now.

    Raises:
        NotPublishedError: nothing was published yet.
    """
    pointer = settings.published_dir / POINTER_NAME
    try:
        build = build_of(settings.published_dir / pointer.readlink())
    except FileNotFoundError:
        build = None
    except OSError as error:
        raise PublishError(
            f"{pointer.name} is not the pointer that Joulehouse wrote: {error}.",
            remedy="Move it away and run `joulehouse refresh`.",
        ) from error
    if build is None:
        raise NotPublishedError(
            "no warehouse has been published yet.", remedy="Run `joulehouse refresh` first."
        )
    return build


def publish(settings: Settings, build_id: str, *, published_at: datetime) -> Build:
    """Copy the writer's file to a new version and move the pointer to it.

    Call it with the writer lock held and no connection to the build file open, after every test
    has passed.

    Raises:
        PublishError: the copy could not be made; the pointer and all earlier builds are untouched.
    """
    target = settings.published_dir / f"joulehouse-{build_id}.duckdb"
    build = build_of(target)
    if build is None:
        raise PublishError(f"{build_id!r} is not a build id such as 000042-20261122T060000Z.")
    try:
        _checkpoint(settings.build_path)
        with replacing(target) as temporary:
            shutil.copyfile(settings.build_path, temporary)
            temporary.chmod(0o444)
        _move_pointer(settings, build, published_at)
    except (OSError, duckdb.Error) as error:
        free = shutil.disk_usage(settings.data_dir).free
        raise PublishError(
            f"build {build_id} could not be published: {error}. "
            f"{free / 1e6:,.0f} MB are free on that disk.",
            remedy="The last published build stays current. Free space "
            "(`joulehouse prune --dry-run` shows what may go) and run `joulehouse refresh` again.",
        ) from error
    return build


def prunable_builds(settings: Settings, *, keep: int | None = None) -> list[Build]:
    """Builds beyond the newest ``keep`` (default: the setting); never the current one."""
    kept = settings.keep_builds if keep is None else keep
    try:
        current = current_build(settings).build_id
    except NotPublishedError:
        current = ""
    older = builds(settings)[: -kept or None]
    return [build for build in older if build.build_id != current]


def _checkpoint(path: Path) -> None:
    """Bring the write-ahead log into the file, so that the file alone is the database."""
    connection = duckdb.connect(str(path))
    try:
        connection.execute("force checkpoint")
    finally:
        connection.close()
    if path.with_name(path.name + ".wal").exists():
        raise PublishError(f"{path.name} still has a write-ahead log after a checkpoint.")


def _move_pointer(settings: Settings, build: Build, published_at: datetime) -> None:
    folder = settings.published_dir
    pointer = folder / POINTER_NAME
    fresh = folder / f".{POINTER_NAME}.{build.sequence}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(build.path.name)
    fresh.replace(pointer)
    document = {
        "build_id": build.build_id,
        "sequence": build.sequence,
        "file": build.path.name,
        "published_at": published_at.isoformat(),
    }
    write_atomically(folder / "current.json", json.dumps(document, indent=2).encode())


def _pointer_document(settings: Settings) -> dict[str, object]:
    try:
        document = json.loads((settings.published_dir / "current.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
