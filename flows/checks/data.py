"""Checks of the data folder and of what is in it."""

from __future__ import annotations

import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path

from flows.checks.check import Check
from warehouse.errors import NotPublishedError, PublishError
from warehouse.journal import Journal
from warehouse.publishing import current_build
from warehouse.settings import Settings

_LEAST_FREE_GB = 2.0
_ENOUGH_FREE_GB = 6.0


def check_disk(settings: Settings) -> Check:
    """The disk under the data folder has room for a few builds."""
    free = shutil.disk_usage(_existing(settings.data_dir)).free / 1e9
    found = f"{free:,.1f} GB free under {settings.data_dir}"
    remedy = (
        "Free space: `joulehouse prune --dry-run` shows what may go; or set JOULEHOUSE_DATA_DIR."
    )
    if free < _LEAST_FREE_GB:
        return Check("disk", "failed", found, remedy)
    return Check("disk", "warning" if free < _ENOUGH_FREE_GB else "ok", found, remedy)


def check_data_folder(settings: Settings) -> Check:
    """Files can be made in the data folder."""
    folder = settings.data_dir
    probe = folder / f".doctor-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        return Check(
            "data folder",
            "failed",
            f"{folder} cannot be written: {error.strerror}",
            "Make it writable for this user, or set JOULEHOUSE_DATA_DIR to another folder.",
        )
    return Check("data folder", "ok", f"{folder} can be written")


def check_published(settings: Settings) -> Check:
    """A build is published, and it is fresh."""
    try:
        build = current_build(settings)
    except NotPublishedError:
        return Check("published", "warning", "nothing yet", "Run `joulehouse refresh`.")
    except PublishError as error:
        return Check("published", "failed", error.message, error.remedy)
    if not build.path.exists():
        return Check(
            "published",
            "failed",
            f"the pointer names {build.path.name}, which is gone",
            "Run `joulehouse refresh`.",
        )
    made_at = datetime.fromtimestamp(build.path.stat().st_mtime, UTC)
    age_h = (datetime.now(UTC) - made_at).total_seconds() / 3600
    found = f"build {build.build_id}, {age_h:,.1f} h old, {build.path.stat().st_size / 1e6:,.0f} MB"
    if age_h > settings.stale_after_h:
        return Check(
            "published",
            "warning",
            found,
            f"Older than {settings.stale_after_h:g} h: run `joulehouse refresh`, or leave "
            "`joulehouse up` running for its schedules.",
        )
    return Check("published", "ok", found)


def check_last_run(settings: Settings) -> Check:
    """The newest run ended well."""
    records = Journal(settings).records()
    if not records:
        return Check("last run", "ok", "none yet")
    last = records[-1]
    found = f"{last.flow} {last.run_id}: {last.status}"
    failed = [outcome for outcome in last.sources if outcome.state == "failed"]
    if last.status in ("failed", "crashed"):
        reason = (last.error.splitlines() or [""])[0]
        return Check("last run", "warning", f"{found}: {reason}", "Run `joulehouse refresh` again.")
    if failed:
        names = ", ".join(f"{outcome.source_id} ({outcome.error})" for outcome in failed)
        return Check("last run", "warning", f"{found}, but sources failed: {names}")
    return Check("last run", "ok", found)


def _existing(path: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    while not path.exists():
        path = path.parent
    return path
