"""What every parser of grid intensities owes: garbage refused in good order, recorded bodies read.

The bodies below are in the providers' shapes, with made-up numbers.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.sources import electricity_maps, energy_charts, gb_carbon_intensity, watttime
from flows.sources.protocol import Arrival, Source
from warehouse.errors import ParseError
from warehouse.tables import Parsed

ROOT = Path(__file__).parents[3]
PAYLOADS = ROOT.parent / "shared" / "data" / "payloads"
FETCHED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HALF_HOURS = [
    {
        "from": f"2026-11-22T{hour}:00Z",
        "to": f"2026-11-22T{hour}:30Z",
        "intensity": {"forecast": 200, "actual": actual, "index": "moderate"},
    }
    for hour, actual in (("10", 190), ("11", None), ("13", None))
]
REGION = {
    "regionid": 11,
    "dnoregion": "SSE South",
    "shortname": "South England",
    "data": [
        {
            "from": "2026-11-22T13:00Z",
            "to": "2026-11-22T13:30Z",
            "intensity": {"forecast": 150, "index": "moderate"},
            "generationmix": [{"fuel": "gas", "perc": 40.5}],
        }
    ],
}
HOUR = {
    "zone": "DE",
    "carbonIntensity": 300,
    "datetime": "2026-11-22T10:00:00.000Z",
    "updatedAt": "2026-11-22T11:40:00.000Z",
    "createdAt": "2026-11-19T10:50:00.000Z",
    "emissionFactorType": "lifecycle",
    "isEstimated": True,
    "estimationMethod": "TIME_SLICER_AVERAGE",
}
MIX = {
    "datetime": "2026-11-22T10:00:00.000Z",
    "updatedAt": "2026-11-22T11:40:00.000Z",
    "isEstimated": False,
    "estimationMethod": None,
    "mix": {
        "nuclear": None,
        "wind": 1200.5,
        "solar": 0,
        "hydro storage": {"charge": 300, "discharge": 100},
        "flows": {"exports": 10, "imports": 20},
    },
}
META = {
    "data_point_period_seconds": 300,
    "region": "CAISO_NORTH",
    "signal_type": "co2_moer",
    "units": "lbs_co2_per_mwh",
    "model": {"type": "binned_regression", "date": "2023-03-01"},
    "warnings": [],
}
POINTS = [
    {
        "point_time": f"2026-11-22T10:0{minute}:00+00:00",
        "value": 1000,
        "last_updated": "2026-11-22T10:10:00+00:00",
        "imputed_data_used": False,
    }
    for minute in (0, 5)
]
SECOND_VERSION = {
    "endpoint": "public_power",
    "interval_minutes": 15,
    "unit": "MW",
    "country": "de",
    "series": [
        {"id": "solar", "name": "Solar"},
        {"id": "load", "name": "Load"},
        {"id": "fossil_gas", "name": "Fossil gas", "unit": "GW"},
    ],
    "data": [
        {"timestamp": "2026-11-22T11:00:00+01:00", "values": {"solar": 5.5, "fossil_gas": 2}},
        {"timestamp": "2026-11-22T11:15:00+01:00", "values": {"solar": None, "fossil_gas": 3}},
    ],
}
BODIES: list[tuple[Source, str, Any]] = [
    (gb_carbon_intensity.SOURCE, "national", {"data": HALF_HOURS}),
    (gb_carbon_intensity.SOURCE, "region", {"data": REGION}),
    (gb_carbon_intensity.SOURCE, "regions", {"data": [REGION]}),
    (
        energy_charts.SOURCE,
        "co2eq_de",
        {
            "unix_seconds": [1795341600, 1795342500, 1795343400, 1795352400],
            "co2eq": [300.5, 310, None, None],
            "co2eq_forecast": [None, 305, 306, 307.5],
            "deprecated": False,
        },
    ),
    (
        energy_charts.SOURCE,
        "public_power_de",
        {
            "unix_seconds": [1795341600, 1795342500, 1795343400],
            "production_types": [
                {"name": "Solar", "data": [1.5, 2, None]},
                {"name": "Load", "data": [50000, 50001, 50002]},
            ],
            "deprecated": False,
        },
    ),
    (energy_charts.SOURCE, "second_version", SECOND_VERSION),
    (electricity_maps.SOURCE, "history", {"zone": "DE", "history": [HOUR, HOUR]}),
    (electricity_maps.SOURCE, "latest", HOUR),
    (
        electricity_maps.SOURCE,
        "mix",
        {"zone": "DE", "temporalGranularity": "hourly", "unit": "MW", "data": [MIX]},
    ),
    (
        electricity_maps.SOURCE,
        "forecast",
        {
            "zone": "DE",
            "updatedAt": "2026-11-22T12:02:00.000Z",
            "forecast": [{"carbonIntensity": 310, "datetime": "2026-11-22T13:00:00.000Z"}],
        },
    ),
    (watttime.SOURCE, "historical", {"data": POINTS, "meta": META}),
    (
        watttime.SOURCE,
        "forecast",
        {
            "data": [{"point_time": "2026-11-22T12:05:00+00:00", "value": 900.5}],
            "meta": {**META, "generated_at": "2026-11-22T12:00:00+00:00"},
        },
    ),
    (
        watttime.SOURCE,
        "forecasts",
        {
            "data": [
                {
                    "generated_at": "2026-11-22T12:00:00+00:00",
                    "forecast": [{"point_time": "2026-11-22T12:05:00+00:00", "value": 900}],
                }
            ],
            "meta": META,
        },
    ),
]
IDS = [f"{source.source_id}-{name}" for source, name, _ in BODIES]
# What no provider should send: kinds, sizes and texts that have no business where they stand.
WRONG = (None, True, "", "x", "12", -1, 1e308, -1e308, 10**40, 0.5, [], {}, [None], {"a": [1]})


def parse(source: Source, body: bytes, name: str) -> Parsed:
    return source.parse(Arrival(body, name, FETCHED_AT, source.about_file(name)))


def holders(part: Any) -> Iterator[Any]:
    """Every object and list in a document."""
    if isinstance(part, dict | list):
        yield part
        for inner in part.values() if isinstance(part, dict) else part:
            yield from holders(inner)


def spoilt(document: Any) -> Iterator[Any]:
    """The document with one thing wrong, one way after the other."""
    for number, holder in enumerate(holders(document)):
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        for key in keys:
            for wrong in WRONG:
                yield with_change(document, number, "update_at", key, wrong)
            yield with_change(document, number, "remove", key)
            yield with_change(document, number, "rename", key)
        yield with_change(document, number, "reverse_and_repeat")


class Part:
    """One object or list of a document, to be changed in place."""

    def __init__(self, holder: Any) -> None:
        self.holder = holder

    def update_at(self, key: Any, value: Any) -> None:
        self.holder[key] = value

    def remove(self, key: Any) -> None:
        del self.holder[key]

    def rename(self, key: Any) -> None:
        if isinstance(self.holder, dict):
            self.holder[f"{key}_new"] = self.holder.pop(key)

    def reverse_and_repeat(self) -> None:
        if isinstance(self.holder, list):
            self.holder[:] = self.holder[::-1] + self.holder


def with_change(document: Any, number: int, change: str, *arguments: Any) -> Any:
    changed = copy.deepcopy(document)
    getattr(Part(list(holders(changed))[number]), change)(*arguments)
    return changed


def assert_sound(source: Source, parsed: Parsed) -> None:
    """Every row is of its table's types and within its bounds."""
    tables = {table.name: table for table in source.tables}
    for name, frame in parsed.frames.items():
        assert dict(frame.schema) == tables[name].schema
        for column in tables[name].columns:
            values = frame[column.name]
            assert not column.required or not values.has_nulls(), column.name
            assert column.allowed is None or set(values.drop_nulls()) <= set(column.allowed)
            assert not column.dtype.is_float() or values.drop_nulls().is_finite().all()
        if "intensity_basis" in frame.columns:
            average = frame.filter(pl.col("intensity_basis") == "average")
            assert average["carbon_intensity_gco2e_per_kwh"].is_between(0, 3000).all()


@pytest.mark.parametrize(("source", "name", "document"), BODIES, ids=IDS)
def test_good_body_gives_rows_and_no_rejects(source: Source, name: str, document: Any) -> None:
    parsed = parse(source, json.dumps(document).encode(), f"{name}.json")

    assert_sound(source, parsed)
    assert parsed.row_count > 0
    assert parsed.rejects.is_empty(), parsed.rejects.to_dicts()


@pytest.mark.parametrize(("source", "name", "document"), BODIES, ids=IDS)
def test_spoilt_document_is_refused_or_quarantined(
    source: Source, name: str, document: Any
) -> None:
    outcomes = {"read": 0, "refused": 0, "quarantined": 0}
    for changed in spoilt(document):
        try:
            parsed = parse(source, json.dumps(changed).encode(), f"{name}.json")
        except ParseError:
            outcomes["refused"] += 1
            continue
        assert_sound(source, parsed)
        outcomes["quarantined" if parsed.rejects.height else "read"] += 1

    assert min(outcomes.values()) > 0, outcomes


@pytest.mark.parametrize(("source", "name", "document"), BODIES, ids=IDS)
def test_spoilt_bytes_are_refused_or_quarantined(source: Source, name: str, document: Any) -> None:
    body = json.dumps(document).encode()
    chance = random.Random(3)  # noqa: S311 - a choice of bytes, not a secret
    changed = [body[:length] for length in range(0, len(body), 7)]
    changed += [b"", b"null", b"[]", b"{}", b'""', b"\xff\xfe\x00", b"<html></html>", body * 2]
    for _ in range(200):
        flipped = bytearray(body)
        for _ in range(chance.randint(1, 4)):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        changed.append(bytes(flipped))

    for spoilt_body in changed:
        try:
            parsed = parse(source, spoilt_body, f"{name}.json")
        except ParseError:
            continue
        assert_sound(source, parsed)


@pytest.mark.parametrize(
    ("source", "folder"),
    [
        (gb_carbon_intensity.SOURCE, "gb-carbon-intensity"),
        (gb_carbon_intensity.SOURCE, "neso-gb-2023"),
        (energy_charts.SOURCE, "energy-charts"),
        (electricity_maps.SOURCE, "electricitymaps"),
        (watttime.SOURCE, "watttime"),
    ],
)
def test_recorded_body_is_read_or_refused_with_its_reason(source: Source, folder: str) -> None:
    paths = sorted(
        path for path in (PAYLOADS / folder).glob("*") if path.suffix in (".json", ".csv")
    )
    if not paths:
        pytest.skip(f"no recorded bodies in {PAYLOADS / folder}")

    read = []
    for path in paths:
        try:
            parsed = parse(source, path.read_bytes(), path.name)
        except ParseError as error:
            assert source.source_id in str(error)  # noqa: PT017 - most are errors of the provider
            continue
        assert_sound(source, parsed)
        assert parsed.rejects.is_empty()
        read.append(path.name)

    assert (
        set(read)
        >= {
            "gb-carbon-intensity": {
                "response.json",
                "response_national.json",
                "uk_national_bluehands.json",
            },
            "neso-gb-2023": {"neso_2023_national_intensity.head.csv"},
            "energy-charts": {"at.json", "ch.json", "de_co2.json", "fr.json"},
            "electricitymaps": {
                "carbon_intensity_history.json",
                "latest_carbon_intensity.json",
                "latest_power_breakdown.json",
                "power_breakdown_history.json",
                "response.json",
                "no-data-response.json",
            },
            "watttime": {
                "historical_emissions_response.json",
                "forecasted_emissions_response.json",
            },
        }[folder]
    )
