"""The command ``joulehouse`` with the grid sources, and two small ones for a small dbt project."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from flows.sources import (
    eia,
    electricity_maps,
    energy_charts,
    entsoe,
    gb_carbon_intensity,
    watttime,
)
from flows.sources.protocol import Source
from flows.sources.registry import SOURCES

GRID: dict[str, Source] = {
    module.SOURCE.source_id: module.SOURCE
    for module in (gb_carbon_intensity, energy_charts, electricity_maps, watttime, eia, entsoe)
}

# One zone each, so that the providers' limits do not make tests wait.
ZONES = {
    "gb-carbon-intensity": "GB",
    "energy-charts": "fr",
    "electricity-maps": "DE",
    "watttime": "CAISO_NORTH",
    "eia": "BPAT",
    "entsoe": "FR",
}


def variables(server) -> dict[str, str]:
    """The environment in which the grid sources ask the local providers."""
    return {
        "JOULEHOUSE_ZONES": " ".join(f"{name}={zone}" for name, zone in ZONES.items()),
        "JOULEHOUSE_HTTP_BACKOFF_S": "0.01",
        **server.environment(GRID),
    }


def tiny_joulehouse() -> ModuleType:
    """The module beside this one."""
    path = Path(__file__).with_name("tiny_joulehouse.py")
    spec = importlib.util.spec_from_file_location("tiny_joulehouse", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    SOURCES.clear()
    SOURCES.update(tiny_joulehouse().TINY | GRID)
    from flows.cli import main as joulehouse

    joulehouse()


if __name__ == "__main__":
    sys.exit(main())
