"""Checks of the installed packages and of the way to the package index."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib import metadata

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from flows.checks.check import Check
from flows.source_states import is_chosen
from flows.sources.ecologits import PACKAGE
from flows.sources.registry import SOURCES
from warehouse.landing import Landing
from warehouse.settings import Settings

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;(?P<marker>[^\\]*))?")
_TIMEOUT_S = 40.0
_SHOWN = 5


def check_versions(settings: Settings) -> Check:
    """Every package has the version of requirements.lock."""
    lock = settings.project_dir / "requirements.lock"
    if not lock.exists():
        return Check("versions", "warning", f"{lock.name} is not there: cannot compare")
    pins = [match for line in lock.read_text().splitlines() if (match := _PIN.match(line))]
    wanted = {
        canonicalize_name(pin["name"]): pin["version"]
        for pin in pins
        if not pin["marker"] or Marker(pin["marker"].strip()).evaluate()
    }
    there = {
        canonicalize_name(found.metadata["Name"]): found.version
        for found in metadata.distributions()
    }
    wrong = [
        f"{name} {there.get(name, 'missing')} (lock: {version})"
        for name, version in sorted(wanted.items())
        if there.get(name) != version
    ]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        found = f"{len(wrong)} of {len(wanted)} differ: {', '.join(wrong[:_SHOWN])}{more}"
        return Check("versions", "failed", found, "Run `make clean install`.")
    return Check("versions", "ok", f"all {len(wanted)} packages as in {lock.name}")


def check_index(settings: Settings) -> Check:
    """Pip can get an archive (the smallest), so that a first refresh will get them all."""
    with tempfile.TemporaryDirectory(prefix="joulehouse-doctor-") as scratch:
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"),
            *("--no-cache-dir", "--disable-pip-version-check", "--retries", "0"),
            *("--timeout", "15", "--dest", scratch, PACKAGE.requirement),
        ]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
            problem = "" if done.returncode == 0 else _reason(done.stderr or done.stdout)
        except subprocess.TimeoutExpired:
            problem = f"no answer within {_TIMEOUT_S:.0f} s"
    if not problem:
        return Check("package index", "ok", f"pip can download {PACKAGE.requirement} from it")
    landing = Landing(settings)
    archives = [
        source_id
        for source_id, source in SOURCES.items()
        if not source.base_url
        and source.base_url_env
        and not source.is_import_only
        and is_chosen(settings, source_id)
    ]
    missing = [source_id for source_id in archives if not landing.landing_ids(source_id)]
    remedy = (
        "Check the network, the proxy and pip's configuration (`pip config list`); a mirror is "
        "named by PIP_INDEX_URL, a folder of wheels by PIP_FIND_LINKS."
    )
    if missing:
        wanted = f"not landed yet: {', '.join(missing)}"
        return Check("package index", "failed", f"not reached ({problem}); {wanted}", remedy)
    found = f"not reached ({problem}); every archive has landed, a refresh works without"
    return Check("package index", "warning", found, remedy)


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
    text = errors[0].removeprefix("ERROR: ") if errors else "no reason given"
    return re.sub(r"(\w+://)[^/\s@]+@", r"\1***@", text)[:160]
