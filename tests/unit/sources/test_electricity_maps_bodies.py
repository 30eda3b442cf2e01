"""Electricity Maps' answers: every form of them, estimates, mixes, and the sandbox refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.sources.electricity_maps_bodies import parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def read(document: Any, **about: str) -> Any:
    return parse(Arrival(json.dumps(document).encode(), "answer.json", NOON, about))


def hour(at: str = "2026-11-22T10:00:00.000Z", **changes: Any) -> dict[str, Any]:
    return {
        "zone": "DE",
        "carbonIntensity": 300,
        "datetime": at,
        "updatedAt": "2026-11-22T11:40:00.500Z",
        "createdAt": "2026-11-19T10:50:00.000Z",
        "emissionFactorType": "lifecycle",
        "isEstimated": True,
        "estimationMethod": "TIME_SLICER_AVERAGE",
        **changes,
    }


def test_every_form_of_intensity_gives_the_same_row() -> None:
    forms = (
        hour(),
        {"zone": "DE", "history": [hour()]},
        {"zone": "DE", "data": [hour()], "temporalGranularity": "hourly"},
    )
    for document in forms:
        (row,) = read(document).frames["grid_intensities"].to_dicts()

        assert row == {
            "provider_zone": "DE",
            "interval_start_at": datetime(2026, 11, 22, 10, tzinfo=UTC),
            "interval_minutes": 60,
            "intensity_basis": "average",
            "emission_factor_scope": "lifecycle",
            "flow_basis": "consumption",
            "signal_model": None,
            "carbon_intensity_gco2e_per_kwh": 300,
            "is_estimated": True,
            "estimation_method": "TIME_SLICER_AVERAGE",
            "provider_updated_at": datetime(2026, 11, 22, 11, 40, 0, 500_000, tzinfo=UTC),
        }


@pytest.mark.parametrize(("granularity", "minutes"), [("15_minutes", 15), ("daily", 1440)])
def test_interval_follows_the_granularity_of_the_answer(granularity: str, minutes: int) -> None:
    document = {"zone": "DE", "data": [hour()], "temporalGranularity": granularity}

    assert read(document).frames["grid_intensities"]["interval_minutes"].to_list() == [minutes]


def test_granularity_without_a_length_is_quarantined() -> None:
    parsed = read({"zone": "DE", "data": [hour()], "temporalGranularity": "monthly"})

    assert parsed.rejects["offending_value"].to_list() == ["monthly"]


def test_direct_factors_keep_their_own_scope() -> None:
    row = hour(emissionFactorType="direct")

    assert read(row).frames["grid_intensities"]["emission_factor_scope"].to_list() == ["direct"]


def test_new_factor_type_is_quarantined_with_its_value() -> None:
    parsed = read({"zone": "DE", "history": [hour(), hour(emissionFactorType="regional")]})

    assert parsed.frames["grid_intensities"].height == 1
    assert parsed.rejects["offending_value"].to_list() == ["regional"]


def test_forecast_is_issued_when_it_was_updated() -> None:
    parsed = read(
        {
            "zone": "DE",
            "updatedAt": "2026-11-22T12:02:00.000Z",
            "forecast": [
                {"carbonIntensity": 310, "datetime": "2026-11-22T12:00:00.000Z"},
                {"carbonIntensity": 320, "datetime": "2026-11-22T13:00:00.000Z"},
            ],
        }
    )

    frame = parsed.frames["grid_forecasts"]
    assert frame["carbon_intensity_gco2e_per_kwh"].to_list() == [310, 320]
    assert frame["issued_at"].unique().to_list() == [datetime(2026, 11, 22, 12, 2, tzinfo=UTC)]
    assert frame["interval_minutes"].to_list() == [60, 60]


def test_forecast_that_does_not_say_when_is_kept_as_undated() -> None:
    parsed = read(
        {
            "zone": "DE",
            "forecast": [
                {"carbonIntensity": 310, "datetime": "2026-11-22T11:00:00.000Z"},
                {"carbonIntensity": 320, "datetime": "2026-11-22T13:00:00.000Z"},
            ],
        }
    )

    frame = parsed.frames["grid_undated_forecasts"]
    assert frame["carbon_intensity_gco2e_per_kwh"].to_list() == [320]
    assert frame["issued_at"].to_list() == [NOON]


def test_null_in_a_breakdown_has_no_row_and_zero_has_one() -> None:
    document = {
        "zone": "DE",
        "datetime": "2026-11-22T10:00:00.000Z",
        "powerConsumptionBreakdown": {"nuclear": 440, "wind": 900},
        "powerProductionBreakdown": {
            "nuclear": None,
            "wind": 1000,
            "solar": 0,
            "hydro discharge": -250,
        },
        "isEstimated": True,
    }

    frame = read(document).frames["grid_generation"]

    assert frame.select("production_type", "generation_mw").rows() == [
        ("wind", 1000),
        ("solar", 0),
        ("hydro discharge", -250),
    ]
    assert frame["provider_zone"].unique().to_list() == ["DE"]


def test_storage_gives_less_what_it_takes() -> None:
    mix = {
        "wind": 100,
        "hydro storage": {"charge": 300, "discharge": 100},
        "battery storage": {"charge": 20.5, "discharge": None},
        "flows": {"exports": 5, "imports": 6},
    }
    document = {
        "zone": "DE",
        "unit": "MW",
        "temporalGranularity": "hourly",
        "data": [{"datetime": "2026-11-22T10:00:00.000Z", "mix": mix}],
    }

    frame = read(document).frames["grid_generation"]

    # 100 - 300 = -200 MW; nothing reported - 20.5 = -20.5 MW.
    assert frame.select("production_type", "generation_mw").rows() == [
        ("wind", 100),
        ("hydro storage", -200),
        ("battery storage", -20.5),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"temporalGranularity": "daily"}, "daily values in MW"),
        ({"unit": "MWh"}, "hourly values in MWh"),
        ({"breakdownType": "flow-traced"}, "flow-traced"),
    ],
)
def test_mix_that_is_no_mean_production_is_refused(changes: dict[str, str], said: str) -> None:
    row = {"datetime": "2026-11-22T10:00:00.000Z", "mix": {"wind": 100}}
    document = {"zone": "DE", "unit": "MW", "temporalGranularity": "hourly", "data": [row]}

    with pytest.raises(ParseError, match=said):
        read(document | changes)


def test_home_assistant_form_is_read_and_may_hold_nothing() -> None:
    document = {
        "_disclaimer": "This data is the exclusive property of Electricity Maps.",
        "status": "ok",
        "countryCode": "DE",
        "data": {"datetime": "2026-11-22T10:00:00.000Z", "carbonIntensity": 474},
        "units": {"carbonIntensity": "gCO2eq/kWh"},
    }

    (row,) = read(document).frames["grid_intensities"].to_dicts()

    assert (row["provider_zone"], row["carbon_intensity_gco2e_per_kwh"]) == ("DE", 474)
    assert read(document | {"status": "no-data", "data": {}}).row_count == 0
    with pytest.raises(ParseError, match="idk"):
        read(document | {"status": "idk", "data": {}})
    with pytest.raises(ParseError, match="lb/MWh"):
        read(document | {"units": {"carbonIntensity": "lb/MWh"}})


@pytest.mark.parametrize(
    "document",
    [
        {"zone": "DE", "history": [hour(), hour(estimationMethod="SANDBOX_MODE_DATA")]},
        {**hour(), "_disclaimer": "SANDBOX MODE: this is not real data."},
        {
            "zone": "DE",
            "forecast": [{"carbonIntensity": 1, "datetime": "2026-11-22T13:00:00.000Z"}],
            "disclaimer": "Sandbox mode",
        },
    ],
)
def test_invented_numbers_of_the_sandbox_are_refused_whole(document: Any) -> None:
    with pytest.raises(ParseError, match="sandbox key"):
        read(document)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"error": "Zone 'XX' does not exist."}, "does not exist"),
        ({"DE": {"zoneName": "Germany"}}, "list of zones"),
        ({"zone": "DE", "data": [{"datetime": "2026-11-22T10:00Z", "value": 5}]}, "value"),
        ({"history": [{"datetime": "2026-11-22T10:00Z", "carbonIntensity": 5}]}, "names the zone"),
    ],
)
def test_other_answers_are_refused_with_what_they_hold(document: Any, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        read(document)
