"""Real Time Cloud: blank is unknown, a place is two numbers, a region may stand twice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sources.gsf_real_time_cloud import SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3].parent
FILE = "Cloud_Region_Metadata.csv"
PAYLOAD = ROOT / "shared" / "data" / "payloads" / "gsf-real-time-cloud" / FILE
TABLE = "gsf_cloud_regions"
HEADER = (
    "year,cloud-provider,cloud-region,cfe-region,em-zone-id,wt-region-id,location,geolocation,"
    "provider-cfe-hourly,power-usage-effectiveness,provider-carbon-intensity-market-annual,"
    "grid-carbon-intensity-average-consumption-annual,total-water-input"
)
ROWS = """2024,Tea Cloud,west-1,Delft,NL,NL,Tea (Delft),"52.01,4.36 ",0.5,1.2,0.0,300.5,
2023,Tea Cloud,west-1,,,,Tea (Delft),,,,,,
"""
BODY = f"{HEADER}\r\n{ROWS}".replace("\n", "\r\n").replace("\r\r", "\r")


def read(text: str = BODY) -> Parsed:
    return parse(Arrival(text.encode(), FILE, NOON))


def test_blank_is_unknown_and_zero_is_zero():
    newer, older = read().frames[TABLE].to_dicts()
    assert (newer["em_zone_id"], newer["wt_region_id"]) == ("NL", "NL")
    assert (newer["latitude_deg"], newer["longitude_deg"]) == (52.01, 4.36)
    assert newer["provider_carbon_intensity_market_annual"] == 0.0
    assert newer["grid_carbon_intensity_average_consumption_annual"] == 300.5
    known = {name for name, value in older.items() if value is not None}
    assert known == {"year", "cloud_provider", "cloud_region", "location"}


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        ("52.01,4.36 ", "Delft", "latitude_deg"),
        ("52.01,4.36 ", "152.01,4.36", "latitude_deg"),
        (",0.5,1.2,", ",50,1.2,", "provider_cfe_hourly"),
        (",0.5,1.2,", ",0.5,0.2,", "power_usage_effectiveness"),
        ("300.5", "many", "grid_carbon_intensity_average_consumption_annual"),
        ("300.5", "-1", "grid_carbon_intensity_average_consumption_annual"),
        ("2024,Tea", "late,Tea", "year"),
        ("2024,Tea Cloud", "2024,", "cloud_provider"),
    ],
)
def test_bad_row_goes_to_quarantine_and_the_others_stay(before, after, column):
    parsed = read(BODY.replace(before, after, 1))
    assert parsed.frames[TABLE]["year"].to_list() == [2023]
    assert parsed.rejects.select("location", "column_name").rows() == [("row 1", column)]


@pytest.mark.parametrize("column", ["year", "cloud-provider", "cloud-region"])
def test_column_that_is_gone_stops_the_file(column):
    with pytest.raises(ParseError, match=f"'{column.replace('-', '_')}'"):
        read(BODY.replace(column, "other", 1))


@pytest.mark.parametrize("body", ["", "<html>", '{"message": "Not Found"}'])
def test_another_file_is_refused(body):
    with pytest.raises(ParseError, match="gsf-real-time-cloud"):
        read(body)


@settings(deadline=None)
@given(at=st.integers(0, 500), byte=st.integers(0, 255))
def test_whatever_byte_is_wrong_it_is_read_or_refused(at, byte):
    body = bytearray(BODY.encode())
    body[at % len(body)] = byte
    for spoilt in (bytes(body), bytes(body[: at % len(body)])):
        try:
            parse(Arrival(spoilt, FILE, NOON))
        except ParseError:
            continue


@pytest.mark.skipif(not PAYLOAD.is_file(), reason="the recorded body is not on this machine")
def test_recorded_body_is_read_whole():
    parsed = parse(Arrival(PAYLOAD.read_bytes(), FILE, NOON))
    assert (parsed.row_count, parsed.rejects.height) == (373, 0)
    frame = parsed.frames[TABLE]
    assert frame.null_count()["latitude_deg"].item() == frame.null_count()["longitude_deg"].item()


def test_the_file_comes_and_is_read(ask_provider):
    (body,) = fetch(ask_provider(SOURCE, NOON))
    parsed = parse(Arrival(body.body, body.name, NOON))
    assert parsed.row_count > 0
    assert parsed.rejects.is_empty()
    assert "ask before shipping" in body.licence


def test_address_may_be_the_file_s_own(ask_provider, provider_server, monkeypatch):
    context = ask_provider(SOURCE, NOON)
    address = f"{provider_server.url(SOURCE.source_id)}/{FILE}"
    monkeypatch.setenv("JOULEHOUSE_GSF_REAL_TIME_CLOUD_URL", address)
    assert len(list(fetch(context))) == 1


def test_table_cut_short_is_asked_for_again(ask_provider, provider_server):
    provider_server.faults.add(SOURCE.source_id, "reset", times=1)
    assert len(list(fetch(ask_provider(SOURCE, NOON)))) == 1


def test_table_that_is_always_cut_short_is_refused(ask_provider, provider_server):
    provider_server.faults.add(SOURCE.source_id, "reset")
    with pytest.raises(SourceError, match=r"Cloud_Region_Metadata\.csv"):
        list(fetch(ask_provider(SOURCE, NOON)))
