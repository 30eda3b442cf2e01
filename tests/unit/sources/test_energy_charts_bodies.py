"""Energy-Charts' answers in both forms: intervals, what is production, what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.sources.energy_charts import about_file, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
# 2026-11-22 10:00 UTC in unix seconds.
TEN = 1795341600
QUARTER = 900


def read(document: Any, **about: str) -> Any:
    body = json.dumps(document).encode()
    return parse(Arrival(body, "answer.json", NOON, about or {"country": "de"}))


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 22, hour, minute, tzinfo=UTC)


def test_actual_and_forecast_share_an_axis() -> None:
    # 10:00 to 12:15; fetched at 12:00, so that only the last two forecasts were still to come.
    axis = [TEN, TEN + QUARTER, TEN + 8 * QUARTER, TEN + 9 * QUARTER]
    parsed = read(
        {
            "unix_seconds": axis,
            "co2eq": [300.5, None, None, None],
            "co2eq_forecast": [None, 310, 320, 325.5],
        }
    )

    (actual,) = parsed.frames["grid_intensities"].to_dicts()
    assert actual["interval_start_at"] == at(10)
    assert actual["carbon_intensity_gco2e_per_kwh"] == 300.5
    assert actual["interval_minutes"] == 15
    assert actual["provider_zone"] == "de"
    assert actual["intensity_basis"] == "average"
    assert actual["emission_factor_scope"] == "lifecycle"
    assert actual["flow_basis"] == "production"
    forecast = parsed.frames["grid_undated_forecasts"]
    assert forecast["target_at"].to_list() == [at(12), at(12, 15)]
    assert forecast["carbon_intensity_gco2e_per_kwh"].to_list() == [320, 325.5]
    assert forecast["issued_at"].unique().to_list() == [NOON]
    assert parsed.rejects.is_empty()


def test_hourly_axis_gives_hours() -> None:
    axis = [TEN + 3600 * n for n in range(4)]

    parsed = read({"unix_seconds": axis, "co2eq": [1, 2, 3, 4], "co2eq_forecast": [None] * 4})

    assert parsed.frames["grid_intensities"]["interval_minutes"].to_list() == [60] * 4


def test_day_of_25_local_hours_keeps_every_hour() -> None:
    # 2026-10-25 in Berlin lasts from 22:00 UTC the day before to 23:00 UTC.
    begin = int(datetime(2026, 10, 24, 22, tzinfo=UTC).timestamp())
    axis = [begin + 3600 * n for n in range(25)]

    parsed = read({"unix_seconds": axis, "co2eq": [100] * 25, "co2eq_forecast": [None] * 25})

    frame = parsed.frames["grid_intensities"]
    assert frame["interval_start_at"].n_unique() == 25
    assert frame["interval_minutes"].unique().to_list() == [60]


def test_production_is_long_and_the_rest_is_left_out() -> None:
    parsed = read(
        {
            "unix_seconds": [TEN, TEN + QUARTER],
            "production_types": [
                {"name": "Cross border electricity trading", "data": [-500, -600]},
                {"name": "Solar", "data": [0, 12.5]},
                {"name": "Hydro pumped storage consumption", "data": [-300, None]},
                {"name": "Fusion", "data": [1, 2]},
                {"name": "Load", "data": [50000, 50001]},
                {"name": "Residual load", "data": [40000, 40001]},
                {"name": "Renewable share of generation", "data": [50, 51]},
                {"name": "Renewable share of load", "data": [52, 53]},
            ],
        }
    )

    frame = parsed.frames["grid_generation"].sort("production_type", "interval_start_at")
    assert frame.select("production_type", "generation_mw").rows() == [
        ("Fusion", 1),
        ("Fusion", 2),
        ("Hydro pumped storage consumption", -300),
        ("Solar", 0),
        ("Solar", 12.5),
    ]
    assert frame["interval_minutes"].unique().to_list() == [15]
    assert parsed.rejects.is_empty()


def test_second_form_is_read_with_its_units() -> None:
    parsed = read(
        {
            "interval_minutes": 15,
            "unit": "MW",
            "country": "de",
            "series": [
                {"id": "solar", "name": "Solar"},
                {"id": "fossil_gas", "name": "Fossil gas", "unit": "GW"},
                {"id": "load", "name": "Load"},
                {"id": "renewable_share", "name": "Something", "unit": "%"},
            ],
            "data": [
                {"timestamp": "2026-11-22T11:00:00+01:00", "values": {"solar": 5, "fossil_gas": 2}},
                {"timestamp": "2026-11-22T11:15:00+01:00", "values": {"solar": None, "load": 9}},
            ],
        }
    )

    # 2 GW are 2 x 1000 = 2000 MW; 11:00 at +01:00 is 10:00 UTC.
    frame = parsed.frames["grid_generation"].sort("production_type")
    assert frame.select("production_type", "interval_start_at", "generation_mw").rows() == [
        ("Fossil gas", at(10), 2000),
        ("Solar", at(10), 5),
    ]
    assert frame["interval_minutes"].to_list() == [15, 15]


def test_second_form_of_intensity_is_read() -> None:
    parsed = read(
        {
            "unit": "g CO2eq/kWh",
            "interval_minutes": 60,
            "series": [{"id": "co2eq", "name": "CO2"}, {"id": "co2eq_forecast", "name": "F"}],
            "data": [{"timestamp": "2026-11-22T12:00:00Z", "values": {"co2eq_forecast": 250}}],
        }
    )

    (row,) = parsed.frames["grid_undated_forecasts"].to_dicts()
    assert row["carbon_intensity_gco2e_per_kwh"] == 250


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ParseError, match=r"'co2eq'.*2 values were expected"):
        read({"unix_seconds": [TEN, TEN + QUARTER], "co2eq": [1], "co2eq_forecast": [1, 2]})


def test_missing_forecast_is_told_and_actuals_are_kept() -> None:
    parsed = read({"unix_seconds": [TEN, TEN + QUARTER], "co2eq": [1, 2], "forecast": [3, 4]})

    assert parsed.frames["grid_intensities"].height == 2
    (reject,) = parsed.rejects.to_dicts()
    assert reject["column_name"] == "co2eq_forecast"


def test_value_that_is_no_number_goes_to_quarantine_alone() -> None:
    parsed = read(
        {
            "unix_seconds": [TEN, TEN + QUARTER, TEN + 2 * QUARTER],
            "co2eq": [300, "n/a", "310.5"],
            "co2eq_forecast": [None] * 3,
        }
    )

    values = parsed.frames["grid_intensities"]["carbon_intensity_gco2e_per_kwh"].to_list()
    assert values == [300, 310.5]
    (reject,) = parsed.rejects.to_dicts()
    assert (reject["offending_value"], reject["location"]) == ("n/a", "row 1")


def test_country_that_nothing_names_is_asked_for() -> None:
    body = b'{"unix_seconds": [], "co2eq": [], "co2eq_forecast": []}'

    with pytest.raises(ParseError, match="name the file after it"):
        parse(Arrival(body, "answer.json", NOON))


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("de_co2.json", "de"),
        ("at.json", "at"),
        ("public_power_fr_2024-01.json", "fr"),
        ("folder.de/uk.json", "uk"),
    ],
)
def test_file_name_tells_the_country(name: str, country: str) -> None:
    assert about_file(name) == {"country": country}
