"""WattTime: the login, pounds to grams, both ends of a range, what is no intensity."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from flows.sources.context import FetchContext
from flows.sources.protocol import Arrival
from flows.sources.watttime import SOURCE, fetch, parse
from warehouse.errors import ParseError, SourceError
from warehouse.spans import Span

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIVE_MINUTES = timedelta(minutes=5)
WATTTIME = SOURCE.source_id
META = {
    "data_point_period_seconds": 300,
    "region": "CAISO_NORTH",
    "signal_type": "co2_moer",
    "units": "lbs_co2_per_mwh",
    "model": {"type": "binned_regression", "date": "2023-03-01"},
    "warnings": [],
}


@pytest.fixture
def make(ask_provider: Any) -> Any:
    def context(as_of: datetime = NOON, **changes: Any) -> FetchContext:
        return ask_provider(SOURCE, as_of, **changes)

    return context


def read(data: Any, **meta: Any) -> Any:
    document = {"data": data, "meta": META | meta}
    return parse(Arrival(json.dumps(document).encode(), "answer.json", NOON))


def point(value: Any = 1000, minute: int = 0, **more: Any) -> dict[str, Any]:
    return {"point_time": f"2026-11-22T10:{minute:02d}:00+00:00", "value": value, **more}


def fetched_frames(context: FetchContext) -> dict[str, pl.DataFrame]:
    parts = [
        parse(Arrival(fetched.body, fetched.name, context.run.as_of, fetched.about))
        for fetched in fetch(context)
    ]
    assert all(part.rejects.is_empty() for part in parts)
    return {
        table.name: pl.concat(
            [part.frames[table.name] for part in parts if table.name in part.frames]
            or [pl.DataFrame(schema=table.schema)]
        )
        for table in SOURCE.tables
    }


def test_pounds_become_grams() -> None:
    more = {"last_updated": "2026-11-22T10:10:00+00:00", "imputed_data_used": True}

    (row,) = read([point(1000, **more)]).frames["grid_intensities"].to_dicts()

    # 1,000 lb/MWh x 0.45359237 kg/lb = 453.59237 kg/MWh = 453.59237 g/kWh.
    assert row == {
        "provider_zone": "CAISO_NORTH",
        "interval_start_at": datetime(2026, 11, 22, 10, tzinfo=UTC),
        "interval_minutes": 5,
        "intensity_basis": "marginal",
        "emission_factor_scope": "direct",
        "flow_basis": "consumption",
        "signal_model": "2023-03-01",
        "carbon_intensity_gco2e_per_kwh": pytest.approx(453.59237, abs=1e-9),
        "is_estimated": True,
        "estimation_method": "binned_regression",
        "provider_updated_at": datetime(2026, 11, 22, 10, 10, tzinfo=UTC),
    }


def test_average_rate_is_never_filed_as_marginal() -> None:
    (row,) = read([point()], signal_type="co2_aoer").frames["grid_intensities"].to_dicts()

    assert (row["intensity_basis"], row["flow_basis"]) == ("average", "production")


def test_forecast_is_issued_when_it_was_generated() -> None:
    points = [point(1000, 0), point(2000, 5)]

    frame = read(points, generated_at="2026-11-22T09:55:00+00:00").frames["grid_forecasts"]

    assert frame["issued_at"].unique().to_list() == [datetime(2026, 11, 22, 9, 55, tzinfo=UTC)]
    # 2,000 x 0.45359237 = 907.18474.
    values = frame["carbon_intensity_gco2e_per_kwh"].to_list()
    assert values == pytest.approx([453.59237, 907.18474], abs=1e-9)
    assert frame["signal_model"].unique().to_list() == ["2023-03-01"]


def test_past_forecasts_keep_their_own_issue_times() -> None:
    data = [
        {"generated_at": f"2026-11-22T0{hour}:00:00+00:00", "forecast": [point()]}
        for hour in (8, 9)
    ]

    frame = read(data).frames["grid_forecasts"]

    assert [at.hour for at in frame["issued_at"].to_list()] == [8, 9]


@pytest.mark.parametrize("units", ["percentile", "dollars_per_mwh", None, "lbs_co2e_per_mwh"])
def test_what_is_no_rate_of_emission_is_never_stored(units: str | None) -> None:
    with pytest.raises(ParseError, match=f"'meta.units' value '{units}'"):
        read([point(96)], units=units)


def test_health_damage_is_refused_whatever_its_unit() -> None:
    with pytest.raises(ParseError, match="health_damage"):
        read([point(96)], signal_type="health_damage")


def test_null_value_has_no_row_and_a_missing_one_is_quarantined() -> None:
    missing = {"point_time": "2026-11-22T10:10:00+00:00"}

    parsed = read([point(1000), point(None, 5), missing])

    assert parsed.frames["grid_intensities"].height == 1
    assert parsed.rejects["location"].to_list() == ["row 2"]


def test_error_is_refused_with_its_words() -> None:
    body = b'{"error": "No coverage available", "latitude": "0", "longitude": "0"}'

    with pytest.raises(ParseError, match="No coverage available"):
        parse(Arrival(body, "answer.json", NOON))


def test_forecast_that_does_not_say_when_is_refused() -> None:
    document = {"data": [point()], "meta": META}
    arrival = Arrival(json.dumps(document).encode(), "a.json", NOON, {"form": "forecast"})

    with pytest.raises(ParseError, match="generated_at"):
        parse(arrival)


def test_run_logs_in_once_and_stores_what_the_provider_says(
    make: Any, provider_server: Any
) -> None:
    state = provider_server.state(WATTTIME)

    frames = fetched_frames(make(only_zones=("CAISO_NORTH", "PSCO")))

    assert len(provider_server.requests(WATTTIME, "/login")) == 1
    rows = frames["grid_intensities"].to_dicts()
    assert {row["provider_zone"] for row in rows} == {"CAISO_NORTH", "PSCO"}
    assert all(
        row["carbon_intensity_gco2e_per_kwh"]
        == pytest.approx(state.value(row["provider_zone"], row["interval_start_at"]) * 0.45359237)
        for row in rows
    )
    # A point is known ten minutes after its instant.
    assert max(row["interval_start_at"] for row in rows) == NOON - timedelta(minutes=10)
    assert frames["grid_forecasts"].height == 2 * 288


def test_neighbouring_ranges_share_no_point(make: Any, provider_server: Any) -> None:
    span = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))

    starts = fetched_frames(make(backfill=span))["grid_intensities"]["interval_start_at"]

    # 120 days of 288 points; the end is excluded, as it is everywhere else.
    assert starts.len() == starts.n_unique() == 120 * 288
    assert (starts.min(), starts.max()) == (span.start_at, span.end_at - FIVE_MINUTES)
    # 120 days are four or five pieces of at most 32 days.
    assert len(provider_server.requests(WATTTIME, "/v3/historical")) in (4, 5)
    assert not provider_server.requests(WATTTIME, "forecast")


def test_later_run_asks_three_times_however_long_the_history(
    make: Any, provider_server: Any
) -> None:
    loaded = (Span(datetime(2018, 1, 1, tzinfo=UTC), NOON - HOUR),)

    fetched_frames(make(coverage={"CAISO_NORTH": loaded}))

    # Login, the last 48 hours (in two pieces if 32 days end in them), forecast.
    assert len(provider_server.requests(WATTTIME)) in (3, 4)


def test_token_that_has_run_out_is_renewed_once(make: Any, provider_server: Any) -> None:
    context = make()
    given = fetch(context)
    provider_server.faults.add(WATTTIME, "401", path_part="/v3/forecast", times=1)

    assert len(list(given)) == 2
    assert len(provider_server.requests(WATTTIME, "/login")) == 2


def test_token_that_is_refused_again_ends_the_run(make: Any, provider_server: Any) -> None:
    provider_server.faults.add(WATTTIME, "401", path_part="/v3/")

    with pytest.raises(SourceError, match="401"):
        list(fetch(make(only_zones=("CAISO_NORTH", "PSCO", "DE"))))

    assert len(provider_server.requests(WATTTIME, "/login")) <= 3


def test_wrong_password_is_told_without_it(
    make: Any, provider_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = make()
    monkeypatch.setenv("WATTTIME_PASSWORD", "not-the-password")

    with pytest.raises(SourceError, match=r"/login was refused with 401") as caught:
        list(fetch(context))

    assert "not-the-password" not in str(caught.value)
    assert len(provider_server.requests(WATTTIME)) == 1


def test_user_name_that_is_not_set_is_asked_for(
    make: Any, provider_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = make()
    monkeypatch.delenv("WATTTIME_USER")

    with pytest.raises(SourceError) as caught:
        list(fetch(context))

    assert "WATTTIME_USER" in caught.value.remedy
    assert not provider_server.requests(WATTTIME)


def test_region_without_a_right_does_not_stop_the_others(make: Any) -> None:
    given = fetch(make(only_zones=("CAISO_NORTH", "DE")))

    assert {next(given).about["region"] for _ in range(2)} == {"CAISO_NORTH"}
    with pytest.raises(SourceError, match=r"1 of 2 parts failed \(DE\).*Invalid scope"):
        list(given)


def test_address_with_a_version_serves_too(
    make: Any, provider_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = make()
    monkeypatch.setenv("WATTTIME_API_URL", provider_server.url(WATTTIME) + "/v3")

    assert not fetched_frames(context)["grid_intensities"].is_empty()


def test_no_secret_is_in_a_body_or_a_request(make: Any, provider_server: Any) -> None:
    provider_server.faults.add(WATTTIME, "echo_secrets")
    state = provider_server.state(WATTTIME)

    given = list(fetch(make()))

    assert not any(fetched.name.startswith("login") for fetched in given)
    said = b"".join(fetched.body for fetched in given).decode()
    said += repr([(fetched.request, fetched.name, fetched.about) for fetched in given])
    assert not any(secret in said for secret in (state.password, *state.tokens))


def test_new_model_makes_new_rows(make: Any, provider_server: Any) -> None:
    provider_server.state(WATTTIME).model_date = "2026-11-01"

    frame = fetched_frames(make())["grid_intensities"]

    assert frame["signal_model"].unique().to_list() == ["2026-11-01"]
