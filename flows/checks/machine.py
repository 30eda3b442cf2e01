"""Checks of the machine: Python, cores, memory, ports, browser."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator

import psutil

from flows.checks.check import Check
from flows.ports import why_not_free
from flows.prefect_server import running_services
from warehouse.settings import Settings

_GIB = 1024**3
_LEAST_MEMORY_GIB = 3.0
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def check_python(_settings: Settings) -> Check:
    """Which Python runs; `make up` refuses one older than 3.11, so this cannot fail."""
    return Check("Python", "ok", f"{platform.python_version()} at {sys.executable}")


def check_machine(_settings: Settings) -> Check:
    """There are cores and memory enough for a refresh."""
    cores = psutil.cpu_count() or 1
    memory = psutil.virtual_memory()
    total, free = memory.total / _GIB, memory.available / _GIB
    found = (
        f"{platform.system()} {platform.machine()}, {cores} cores, "
        f"{total:.1f} GiB of memory, {free:.1f} GiB available"
    )
    if free < _LEAST_MEMORY_GIB:
        return Check(
            "machine",
            "warning",
            found,
            f"A refresh takes up to {_LEAST_MEMORY_GIB:.0f} GiB: end other programs, or set "
            "JOULEHOUSE_DUCKDB_MEMORY_LIMIT lower.",
        )
    return Check("machine", "ok", found)


def check_ports(settings: Settings) -> Iterator[Check]:
    """The ports are free, or it is Joulehouse that listens on them."""
    services = running_services(settings)
    if services is not None:
        found = f"`joulehouse up` runs (pid {services.pid}): {services.dashboard_url}"
        yield Check("ports", "ok", found)
        return
    for purpose, host, port in (
        ("dashboard", settings.dashboard_host, settings.dashboard_port),
        ("prefect", settings.prefect_host, settings.prefect_port),
    ):
        reason = why_not_free(host, port)
        if reason is None:
            yield Check("ports", "ok", f"{port} ({purpose}) is free")
        else:
            yield Check(
                "ports",
                "warning",
                f"{port} ({purpose}) {reason}",
                f"Choose another: `joulehouse up --{purpose}-port {port + 1}` or "
                f"JOULEHOUSE_{purpose.upper()}_PORT.",
            )


def check_chromium(_settings: Settings) -> Check:
    """There is a Chromium for the browser tests."""
    for name in _BROWSERS:
        path = shutil.which(name)
        if path is not None:
            return Check("Chromium", "ok", path)
    return Check(
        "Chromium",
        "warning",
        "none on PATH: the browser tests are skipped; nothing else needs it",
        "`make test` installs it where it can; else `apt-get install chromium`.",
    )
