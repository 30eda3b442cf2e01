"""Our World in Data's wide table: read by name, blanks left out, the codebook not mistaken."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources.owid import ENERGY, SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
PAYLOADS = ROOT.parent / "shared" / "data" / "payloads" / "owid"
TABLE = "owid_energy"
HEADER = (
    "country,year,iso_code,population,carbon_intensity_elec,electricity_generation,coal_share_elec"
)


def read(*lines: str, header: str = HEADER) -> Parsed:
    return parse(Arrival("\n".join([header, *lines, ""]).encode(), "owid.csv", NOON))


def test_columns_are_read_by_name_and_named_with_their_unit():
    parsed = read("Freedonia,2020,FRD,100,355.5,12.5,40.25")
    (row,) = parsed.frames[TABLE].drop_nulls("coal_share_elec_pct").iter_rows(named=True)
    assert {name: value for name, value in row.items() if value is not None} == {
        "country": "Freedonia",
        "iso_code": "FRD",
        "year": 2020,
        "carbon_intensity_elec_gco2e_per_kwh": 355.5,
        "electricity_generation_twh": 12.5,
        "coal_share_elec_pct": 40.25,
    }


def test_order_of_columns_and_further_columns_change_nothing():
    shuffled = "added,electricity_generation,iso_code,carbon_intensity_elec,country,year"
    parsed = read("x,12.5,FRD,355.5,Freedonia,2020", header=shuffled)
    assert parsed.frames[TABLE]["carbon_intensity_elec_gco2e_per_kwh"].to_list() == [355.5]


def test_region_without_a_code_stays_without():
    parsed = read("World,2020,,100,480.5,26500,35")
    assert parsed.frames[TABLE].select("country", "iso_code").rows() == [("World", None)]


def test_row_without_any_measure_is_left_out_and_blanks_stay_null():
    parsed = read("Freedonia,1900,FRD,100,,,", "Freedonia,2001,FRD,100,,12.5,")
    frame = parsed.frames[TABLE]
    assert frame["year"].to_list() == [2001]
    assert frame["carbon_intensity_elec_gco2e_per_kwh"].to_list() == [None]
    assert parsed.rejects.is_empty()


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("Freedonia,2020,FRD,1,much,12,4", "carbon_intensity_elec_gco2e_per_kwh"),
        ("Freedonia,2020,FRD,1,-4,12,4", "carbon_intensity_elec_gco2e_per_kwh"),
        ("Freedonia,2020,FRD,1,404000,12,4", "carbon_intensity_elec_gco2e_per_kwh"),
        ("Freedonia,2020,FRD,1,nan,12,4", "carbon_intensity_elec_gco2e_per_kwh"),
        ("Freedonia,2020,FRD,1,400,-12,4", "electricity_generation_twh"),
        ("Freedonia,20.5,FRD,1,400,12,4", "year"),
        ("Freedonia,99999,FRD,1,400,12,4", "year"),
        (",2020,FRD,1,400,12,4", "country"),
    ],
)
def test_bad_row_is_set_aside_with_its_line(line, column):
    parsed = read("Freedonia,2019,FRD,1,400,12,4", line)
    assert parsed.row_count == 1
    assert parsed.rejects.select("location", "column_name").rows() == [("owid.csv line 3", column)]


@pytest.mark.parametrize("name", ["country", "year", "iso_code", "carbon_intensity_elec"])
def test_missing_column_is_refused(name):
    with pytest.raises(ParseError, match=f"field '{name}'.*the column is missing"):
        read("Freedonia,2020,FRD,1,400,12,4", header=HEADER.replace(name, f"{name}_new"))


def test_codebook_is_not_mistaken_for_the_table():
    with pytest.raises(ParseError, match="this is the codebook"):
        read("country,Geographic location,,Invented", header="column,description,unit,source")


@given(st.data())
def test_mutated_bytes_never_end_in_another_error(data):
    body = bytearray(f"{HEADER}\nFreedonia,2020,FRD,1,400,12,4\nX,2021,,1,,12,\n".encode())
    for _ in range(data.draw(st.integers(0, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ParseError):
        parse(Arrival(bytes(body[: data.draw(st.integers(0, len(body)))]), "owid.csv", NOON))


def test_recorded_codebook_is_refused_and_names_our_columns():
    path = PAYLOADS / "owid-energy-codebook.csv"
    if not path.is_file():
        pytest.skip("the recorded codebook is not beside this repository")
    with pytest.raises(ParseError, match="this is the codebook"):
        parse(Arrival(path.read_bytes(), path.name, NOON))
    known = set(pl.read_csv(path)["column"])
    header = ",".join(sorted(known))
    blank = "," * (len(known) - 1)
    # Every column of ours is one of theirs: a table with all of theirs leaves none of ours empty.
    ones = parse(
        Arrival(f"{header}\n{blank.replace(',', '1,')}1\n".encode(), "owid.csv", NOON)
    ).rejects
    assert ones["column_name"].to_list() == ["year"]
    filled = ",".join("2020" if name == "year" else "1" for name in sorted(known))
    (row,) = parse(Arrival(f"{header}\n{filled}\n".encode(), "owid.csv", NOON)).frames[TABLE].rows()
    assert len(row) == len(ENERGY.columns)
    assert None not in row


def test_file_is_fetched_from_a_folder_or_its_own_address(
    ask_provider, provider_server, monkeypatch
):
    context = ask_provider(SOURCE, NOON)
    (body,) = fetch(context)
    parsed = parse(Arrival(body.body, body.name, NOON))
    told = [
        row
        for row in provider_server.state("owid").rows
        if row.get("electricity_generation") or row.get("carbon_intensity_elec")
    ]
    assert parsed.row_count == len(told)
    assert parsed.frames[TABLE]["electricity_generation_twh"].to_list() == [
        float(row["electricity_generation"]) for row in told
    ]
    again = ask_provider(SOURCE, NOON)
    monkeypatch.setenv("JOULEHOUSE_OWID_URL", provider_server.url("owid") + "/owid-energy-data.csv")
    (other,) = fetch(again)
    assert other.body == body.body


@pytest.mark.parametrize("fault", ["html_200", "empty", "404", "502_html"])
def test_fault_that_lasts_is_reported(ask_provider, provider_server, fault):
    provider_server.faults.add("owid", fault)
    with pytest.raises(SourceError, match=r"owid: GET .*owid-energy-data\.csv"):
        list(fetch(ask_provider(SOURCE, NOON)))
