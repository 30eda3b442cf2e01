"""``joulehouse doctor``: what this machine has, what is amiss, and what to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict

from rich.console import Console

from flows.checks.check import Check
from flows.checks.data import check_data_folder, check_disk, check_last_run, check_published
from flows.checks.machine import check_chromium, check_machine, check_ports, check_python
from flows.checks.packages import check_index, check_versions
from flows.checks.providers import check_circuits, check_keys, check_providers
from warehouse.settings import Settings

CHECKS: tuple[Callable[[Settings], Check | Iterable[Check]], ...] = (
    check_python,
    check_machine,
    check_disk,
    check_data_folder,
    check_versions,
    check_index,
    check_keys,
    check_providers,
    check_circuits,
    check_ports,
    check_chromium,
    check_published,
    check_last_run,
)

_SIGNS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}


def print_diagnosis(settings: Settings, *, as_json: bool) -> bool:
    """Run every check and print what it found.

    Returns:
        Whether nothing failed; a warning is no failure.
    """
    console = Console(markup=False, highlight=False, soft_wrap=True)
    found: list[Check] = []
    for run_check in CHECKS:
        outcome = run_check(settings)
        checks = [outcome] if isinstance(outcome, Check) else list(outcome)
        found += checks
        if not as_json:
            for check in checks:
                _print(console, check)
    is_well = all(check.state != "failed" for check in found)
    if as_json:
        document = {"is_well": is_well, "checks": [asdict(check) for check in found]}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        console.print("\nAll is well." if is_well else "\nSomething must be mended: see ✗ above.")
    return is_well


def _print(console: Console, check: Check) -> None:
    sign, style = _SIGNS[check.state]
    console.print(f"{sign} {check.name:<14} {check.found}", style=style)
    if check.remedy and check.state != "ok":
        console.print(f"  {'':<14} → {check.remedy}")
