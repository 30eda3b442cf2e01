"""Great Britain's half-hours: what is asked for, what becomes of the answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from flows.sources.context import FetchContext
from flows.sources.gb_carbon_intensity import SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.spans import Span

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)
GB = SOURCE.source_id


@pytest.fixture
def make(ask_provider: Any) -> Any:
    def context(as_of: datetime = NOON, **changes: Any) -> FetchContext:
        return ask_provider(SOURCE, as_of, **changes)

    return context


def national(*rows: tuple[int, int | None, int | None]) -> bytes:
    """Half-hours at the full hour: hour, forecast, actual."""
    data = [
        {
            "from": f"2026-11-22T{hour}:00Z",
            "to": f"2026-11-22T{hour}:30Z",
            "intensity": {"forecast": forecast, "actual": actual, "index": "low"},
        }
        for hour, forecast, actual in rows
    ]
    return json.dumps({"data": data}).encode()


def arrival(body: bytes, name: str = "intensity.json") -> Arrival:
    return Arrival(body, name, NOON)


def fetched_frames(context: FetchContext) -> dict[str, pl.DataFrame]:
    parts = [
        parse(Arrival(fetched.body, fetched.name, context.run.as_of, fetched.about))
        for fetched in fetch(context)
    ]
    assert all(part.rejects.is_empty() for part in parts)
    return {
        table.name: pl.concat([part.frames[table.name] for part in parts])
        for table in SOURCE.tables
    }


def test_actual_is_stored_and_null_is_not() -> None:
    parsed = parse(arrival(national((10, 200, 190), (11, 210, None))))

    rows = parsed.frames["grid_intensities"].to_dicts()
    assert [row["interval_start_at"] for row in rows] == [datetime(2026, 11, 22, 10, tzinfo=UTC)]
    assert rows[0]["carbon_intensity_gco2e_per_kwh"] == 190
    assert rows[0]["interval_minutes"] == 30
    assert rows[0]["provider_zone"] == "GB"
    assert rows[0]["intensity_basis"] == "average"
    assert rows[0]["emission_factor_scope"] == "direct"
    assert rows[0]["flow_basis"] == "consumption"
    assert parsed.rejects.is_empty()


def test_forecast_is_kept_only_for_what_was_still_to_come() -> None:
    # Fetched at 12:00: the half-hour that begins then counts, the one at 11:00 does not.
    parsed = parse(arrival(national((11, 210, None), (12, 220, None), (13, 230, None))))

    rows = parsed.frames["grid_undated_forecasts"].to_dicts()
    assert [(row["target_at"].hour, row["carbon_intensity_gco2e_per_kwh"]) for row in rows] == [
        (12, 220),
        (13, 230),
    ]
    assert {row["issued_at"] for row in rows} == {NOON}


def test_region_is_a_forecast_of_its_own_zone() -> None:
    region = {
        "regionid": 11,
        "shortname": "South England",
        "data": [
            {
                "from": "2026-11-22T13:00Z",
                "to": "2026-11-22T13:30Z",
                "intensity": {"forecast": 307, "index": "high"},
                "generationmix": [{"fuel": "gas", "perc": 73.2}],
            }
        ],
    }
    for data in (region, [region]):
        parsed = parse(arrival(json.dumps({"data": data}).encode()))

        assert parsed.frames["grid_intensities"].is_empty()
        (row,) = parsed.frames["grid_undated_forecasts"].to_dicts()
        assert row["provider_zone"] == "GB-region-11"
        assert row["carbon_intensity_gco2e_per_kwh"] == 307


def test_all_regions_of_one_half_hour_are_read() -> None:
    regions = [
        {"regionid": number, "intensity": {"forecast": 100 + number, "index": "low"}}
        for number in (1, 2)
    ]
    entry = {"from": "2026-11-22T13:00Z", "to": "2026-11-22T13:30Z", "regions": regions}

    parsed = parse(arrival(json.dumps({"data": [entry]}).encode()))

    frame = parsed.frames["grid_undated_forecasts"]
    assert frame["provider_zone"].to_list() == ["GB-region-1", "GB-region-2"]
    assert frame["carbon_intensity_gco2e_per_kwh"].to_list() == [101, 102]


def test_national_table_is_read_as_csv() -> None:
    table = (
        b"from,to,forecast,actual,index\n"
        b"2023-01-01 00:00:00+00:00,2023-01-01 00:30:00+00:00,73,72.0,low\n"
        b"2023-01-01 00:30:00+00:00,2023-01-01 01:00:00+00:00,63,,low\n"
    )

    parsed = parse(arrival(table, "national.csv"))

    assert parsed.frames["grid_intensities"]["carbon_intensity_gco2e_per_kwh"].to_list() == [72]
    assert parsed.rejects.is_empty()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"code": "400 Bad Request", "message": "too long"}}, "too long"),
        ({"data": [{"Biomass": 120, "Coal": 937}]}, "Biomass"),
        (
            {
                "data": [
                    {"from": "2026-11-22T10:00Z", "to": "2026-11-22T10:30Z", "generationmix": []}
                ]
            },
            "generationmix",
        ),
        (
            {
                "data": [
                    {
                        "from": "2026-11-22T10:00Z",
                        "to": "2026-11-22T11:00Z",
                        "intensity": {"max": 9, "average": 8, "min": 7},
                    }
                ]
            },
            "forecast",
        ),
    ],
)
def test_answer_without_half_hours_is_refused_with_what_it_holds(body: Any, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        parse(arrival(json.dumps(body).encode()))


def test_actual_that_one_row_lacks_goes_to_quarantine() -> None:
    document = json.loads(national((10, 200, 190), (11, 210, 180)))
    document["data"][1]["intensity"] = {"forecast": 210, "actuals": 180}

    parsed = parse(arrival(json.dumps(document).encode()))

    assert parsed.frames["grid_intensities"].height == 1
    (reject,) = parsed.rejects.to_dicts()
    assert (reject["location"], reject["column_name"], reject["reason"]) == (
        "row 1",
        "carbon_intensity_gco2e_per_kwh",
        "required, but empty",
    )


def test_actual_that_every_row_lacks_is_refused() -> None:
    body = national((10, 200, 190)).replace(b'"actual"', b'"measured"')

    with pytest.raises(ParseError, match="'actual'"):
        parse(arrival(body))


def test_first_run_asks_for_two_weeks_and_the_forecast(make: Any, provider_server: Any) -> None:
    state = provider_server.state(GB)
    frames = fetched_frames(make())

    history = frames["grid_intensities"].unique(maintain_order=True)
    # 14 days of 48 half-hours, one more before the start; the newest is not known for 30 minutes
    # after its end, so that the last known one began at 11:00.
    assert history["interval_start_at"].min() == NOON - 14 * DAY - HALF_HOUR
    assert history["interval_start_at"].max() == NOON - HOUR
    assert history.height == 14 * 48
    assert all(
        row["carbon_intensity_gco2e_per_kwh"] == state.actual(row["interval_start_at"])
        for row in history.to_dicts()
    )
    forecast = frames["grid_undated_forecasts"].unique(["target_at"])
    assert forecast["target_at"].min() == NOON
    assert forecast["target_at"].max() == NOON + 2 * DAY - HALF_HOUR


def test_later_run_asks_twice_however_long_the_history(make: Any, provider_server: Any) -> None:
    loaded = (Span(datetime(2017, 9, 12, tzinfo=UTC), NOON - HOUR),)
    frames = fetched_frames(make(coverage={"GB": loaded}))

    # The last 48 hours, which two pieces make only if a fortnight ends in them, and the forecast.
    assert len(provider_server.requests(GB)) <= 3
    assert frames["grid_intensities"]["interval_start_at"].min() == NOON - 2 * DAY - HALF_HOUR


def test_run_after_a_pause_closes_the_gap(make: Any) -> None:
    loaded = (Span(NOON - 20 * DAY, NOON - 10 * DAY),)
    frames = fetched_frames(make(coverage={"GB": loaded}))

    starts = frames["grid_intensities"]["interval_start_at"].unique().sort()
    assert starts.min() == NOON - 10 * DAY - HALF_HOUR
    assert (starts.diff().drop_nulls() == HALF_HOUR).all()


def test_backfill_asks_for_history_in_pieces_that_are_allowed(
    make: Any, provider_server: Any
) -> None:
    span = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    frames = fetched_frames(make(backfill=span))

    # 59 days lie in at least 5 fortnights and at most 6.
    assert 5 <= len(provider_server.requests(GB)) <= 6
    assert not provider_server.requests(GB, "fw48h")
    starts = frames["grid_intensities"]["interval_start_at"].unique().sort()
    assert (starts.diff().drop_nulls() == HALF_HOUR).all()
    assert starts.min() == span.start_at - HALF_HOUR
    assert starts.max() == span.end_at - HALF_HOUR


def test_each_piece_says_what_it_covers(make: Any) -> None:
    context = make(backfill=Span(NOON - 40 * DAY, NOON - 20 * DAY))

    covers = [fetched.covers for fetched in fetch(context)]

    assert {cover.series_id for cover in covers} == {"GB"}
    assert covers[0].span.start_at == NOON - 40 * DAY
    assert covers[-1].span.end_at == NOON - 20 * DAY


def test_region_is_asked_for_by_its_number(make: Any, provider_server: Any) -> None:
    frames = fetched_frames(make(only_zones=("GB-region-13",)))

    (request,) = provider_server.requests(GB)
    assert request.path == "/regional/intensity/2026-11-22T12:00Z/fw48h/regionid/13"
    assert frames["grid_intensities"].is_empty()
    assert frames["grid_undated_forecasts"]["provider_zone"].unique().to_list() == ["GB-region-13"]


def test_error_with_status_200_is_reported_with_the_request(
    make: Any, provider_server: Any
) -> None:
    provider_server.faults.add(GB, "error_200", path_part="fw48h")
    given = fetch(make())

    assert next(given).covers is not None
    with pytest.raises(SourceError, match=r"fw48h.*internal error"):
        list(given)


@pytest.mark.parametrize("fault", ["429", "500", "502_html", "truncated", "empty", "reset"])
def test_passing_fault_costs_no_row(make: Any, provider_server: Any, fault: str) -> None:
    provider_server.faults.add(GB, fault, times=1)

    assert fetched_frames(make())["grid_intensities"]["interval_start_at"].n_unique() == 14 * 48


def test_revised_actual_comes_with_the_next_run(make: Any, provider_server: Any) -> None:
    start = NOON - 30 * HOUR
    provider_server.state(GB).put("actual", start, value=777, known_from=NOON + HOUR)
    loaded = {"GB": (Span(NOON - 14 * DAY, NOON - HOUR),)}

    before = fetched_frames(make())["grid_intensities"]
    after = fetched_frames(make(NOON + HOUR, coverage=loaded))["grid_intensities"]

    at = pl.col("interval_start_at") == start
    assert before.filter(at)["carbon_intensity_gco2e_per_kwh"].to_list() != [777]
    assert after.filter(at)["carbon_intensity_gco2e_per_kwh"].to_list() == [777]


@pytest.mark.parametrize("fault", ["duplicates", "shuffled", "extra_field"])
def test_disorder_in_the_rows_changes_nothing(make: Any, provider_server: Any, fault: str) -> None:
    plain = fetched_frames(make())["grid_intensities"].unique().sort("interval_start_at")
    provider_server.faults.add(GB, fault)

    disturbed = fetched_frames(make())["grid_intensities"].unique().sort("interval_start_at")

    assert disturbed.equals(plain)
