"""Google's yearly files: the year is in the name, the header changes, a blank share is no zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sources.google_region_carbon import SOURCE, fetch, parse
from flows.sources.http_errors import NotFoundError
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3].parent
PAYLOADS = sorted((ROOT / "shared" / "data" / "payloads" / "gcp-region-carbon").glob("*.csv"))
TABLE = "google_region_carbon"
BODY = """Google Cloud Region,Location,Google CFE,Grid carbon intensity (gCO2eq / kWh)
tea-west1,Montréal,0.50,123.45
tea-west2,Delft,,300

"""


def read(text: str = BODY, year: str = "2024") -> Parsed:
    return parse(Arrival(text.encode(), f"{year}.csv", NOON, {"year": year}))


def test_region_comes_with_its_year_and_a_blank_share_is_unknown():
    parsed = read()
    names = ("year", "google_cloud_region", "location", "google_cfe", "grid_carbon_intensity")
    assert parsed.frames[TABLE].select(names).rows() == [
        (2024, "tea-west1", "Montréal", 0.5, 123.45),
        (2024, "tea-west2", "Delft", None, 300.0),
    ]
    assert parsed.rejects.is_empty()


def test_header_of_the_first_year_says_that_it_is_a_lifecycle_figure():
    first = read(BODY.replace("Grid carbon", "Lifecycle grid carbon"), "2019").frames[TABLE]
    assert first["is_lifecycle"].to_list() == [True, True]
    assert read().frames[TABLE]["is_lifecycle"].to_list() == [False, False]


@pytest.mark.parametrize("name", ["2024.csv", "yearly/2024.csv", "region-carbon-2024.CSV"])
def test_year_of_an_imported_file_is_in_its_name(name):
    arrival = Arrival(BODY.encode(), name, NOON, SOURCE.about_file(name))
    assert set(parse(arrival).frames[TABLE]["year"]) == {2024}


def test_file_without_a_year_is_refused_with_what_is_missing():
    assert SOURCE.about_file("regions.csv") == {}
    with pytest.raises(ParseError, match=r"the year is not known.*2024\.csv"):
        parse(Arrival(BODY.encode(), "regions.csv", NOON))


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        ("0.50", "50", "google_cfe"),
        ("0.50", "half", "google_cfe"),
        ("123.45", "-5", "grid_carbon_intensity"),
        ("123.45", "1e9", "grid_carbon_intensity"),
        ("123.45", "NaN", "grid_carbon_intensity"),
        ("tea-west1,", ",", "google_cloud_region"),
    ],
)
def test_bad_row_goes_to_quarantine_and_the_others_stay(before, after, column):
    parsed = read(BODY.replace(before, after))
    assert parsed.frames[TABLE]["google_cloud_region"].to_list() == ["tea-west2"]
    assert parsed.rejects.select("location", "column_name").rows() == [("row 1", column)]


@pytest.mark.parametrize(
    "body", ["", "<html>", "a,b\n1,2\n", BODY.replace("Grid carbon intensity", "Grid intensity")]
)
def test_another_file_is_refused(body):
    with pytest.raises(ParseError, match="google-region-carbon"):
        read(body)


@settings(deadline=None)
@given(at=st.integers(0, 150), byte=st.integers(0, 255))
def test_whatever_byte_is_wrong_it_is_read_or_refused(at, byte):
    body = bytearray(BODY.encode())
    body[at % len(body)] = byte
    for spoilt in (bytes(body), bytes(body[: at % len(body)])):
        try:
            parse(Arrival(spoilt, "2024.csv", NOON))
        except ParseError:
            continue


@pytest.mark.skipif(not PAYLOADS, reason="the recorded bodies are not on this machine")
@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_recorded_body_is_read_whole(path: Path):
    counts = {"2019": 24, "2021": 34, "2023": 40, "2024": 44}
    parsed = parse(Arrival(path.read_bytes(), path.name, NOON, SOURCE.about_file(path.name)))
    assert (parsed.row_count, parsed.rejects.height) == (counts[path.stem], 0)


def test_every_year_comes_with_the_year_and_years_to_come_are_no_error(ask_provider):
    bodies = list(fetch(ask_provider(SOURCE, NOON)))
    assert [body.about["year"] for body in bodies] == [str(year) for year in range(2019, 2025)]
    for body in bodies:
        parsed = parse(Arrival(body.body, body.name, NOON, body.about))
        assert parsed.row_count > 0
        assert parsed.rejects.is_empty()


def test_requests_grow_with_the_years_alone(ask_provider, provider_server):
    list(fetch(ask_provider(SOURCE, NOON)))
    # 2019 to 2026; the last two are not there.
    assert len(provider_server.requests("google-region-carbon")) == 8
    provider_server.forget_requests()
    list(fetch(ask_provider(SOURCE, NOON + timedelta(days=30))))
    assert len(provider_server.requests("google-region-carbon")) == 8


def test_missing_year_between_others_is_an_error_and_the_others_come(ask_provider, provider_server):
    provider_server.state("google-region-carbon").missing |= {"data/yearly/2021.csv"}
    context = ask_provider(SOURCE, NOON)
    years: list[str] = []
    with pytest.raises(NotFoundError, match=r"2021\.csv"):
        years.extend(body.about["year"] for body in fetch(context))
    assert years == ["2019", "2020", "2022", "2023", "2024"]


def test_row_in_which_a_file_was_cut_goes_to_quarantine():
    cut = BODY.rstrip()[: -len(",,300")]
    parsed = read(cut)
    assert parsed.frames[TABLE]["google_cloud_region"].to_list() == ["tea-west1"]
    assert parsed.rejects.select("table_name", "location", "reason").rows() == [
        (TABLE, "row 2", "the file ends in the middle of this row")
    ]
    # Written without the end of its last line, and whole.
    assert read(BODY.rstrip()).row_count == 2


def test_file_that_was_cut_on_its_way_is_asked_for_again(ask_provider, provider_server):
    provider_server.faults.add(SOURCE.source_id, "truncated", path_part="2024", times=1)
    *_, newest = fetch(ask_provider(SOURCE, NOON))
    assert newest.body == provider_server.state(SOURCE.source_id).body("data/yearly/2024.csv")
    assert "again" not in newest.request


def test_year_that_fails_stops_no_other(ask_provider, provider_server):
    provider_server.faults.add(SOURCE.source_id, "500", path_part="2020")
    context = ask_provider(SOURCE, NOON)
    years: list[str] = []
    with pytest.raises(SourceError, match=r"2020\.csv was answered with 500"):
        years.extend(body.about["year"] for body in fetch(context))
    assert years == ["2019", "2021", "2022", "2023", "2024"]


def test_no_year_at_all_is_an_error(ask_provider, provider_server):
    provider_server.faults.add("google-region-carbon", "404")
    with pytest.raises(SourceError, match="404"):
        list(fetch(ask_provider(SOURCE, NOON)))


@pytest.mark.parametrize("suffix", ["/data/yearly", "/data/yearly/2024.csv", ""])
def test_address_may_be_the_folder_one_above_or_a_file(
    ask_provider, provider_server, monkeypatch, suffix
):
    context = ask_provider(SOURCE, NOON)
    address = provider_server.url("google-region-carbon") + suffix
    monkeypatch.setenv("JOULEHOUSE_GOOGLE_REGION_CARBON_URL", address)
    assert len(list(fetch(context))) == 6
