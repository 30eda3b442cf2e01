"""eGRID's workbooks: sheets of any year, codes in the second row, pounds kept as pounds."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.sources.egrid import SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TABLE = "egrid_rates"
LONG = {
    "YEAR": "Data Year",
    "SUBRGN": "eGRID subregion acronym",
    "SRNAME": "eGRID subregion name",
    "SRNGENAN": "eGRID subregion annual net generation (MWh)",
    "SRCO2RTA": "eGRID subregion annual CO2 total output emission rate (lb/MWh)",
    "SRC2ERTA": "eGRID subregion annual CO2 equivalent total output emission rate (lb/MWh)",
    "SRNBCO2": "eGRID subregion annual CO2 non-baseload output emission rate (lb/MWh)",
    "SRNBC2E": "eGRID subregion annual CO2 equivalent non-baseload emission rate (lb/MWh)",
}
ROW = (2031, "FRDA", "Freedonia All", 1_000_000, 450.5, 452.125, 900.25, 905.5)
Sheets = dict[str, list[list[Any]]]


@pytest.fixture
def write(provider_server):
    from local_providers.workbook import workbook_bytes

    return workbook_bytes


def sheet(*rows: Any, codes: dict[str, str] | None = None) -> list[list[Any]]:
    long = codes or LONG
    return [list(long.values()), list(long), *map(list, rows)]


@pytest.fixture
def read(write):
    def parsed(sheets: Sheets) -> Parsed:
        return parse(Arrival(write(sheets), "egrid.xlsx", NOON))

    return parsed


def test_row_of_a_subregion_is_read_by_codes_in_its_own_units(read):
    parsed = read({"Contents": [["eGRID"]], "SRL31": sheet(ROW)})
    assert parsed.frames[TABLE].rows() == [
        (2031, "subregion", "FRDA", "Freedonia All", 1e6, 450.5, 452.125, 900.25, 905.5)
    ]
    assert parsed.rejects.is_empty()


def test_sheets_of_authorities_states_and_the_country_have_codes_of_their_own(read):
    def of(prefix: str, **more: str) -> dict[str, str]:
        rates = {f"{prefix}{code}": f"{code} (lb/MWh)" for code in ("NGENAN", "CO2RTA", "C2ERTA")}
        return {"YEAR": "Data Year"} | more | rates

    parsed = read(
        {
            "BA31": sheet([2031, "Freedonia ISO", "FISO", 5, 1, 2],
                          codes=of("BA", BANAME="Name", BACODE="Code")),
            "ST31": sheet([2031, "FR", 6, 5, 3, 4], codes=of("ST", PSTATABB="State", FIPSST="No")),
            "US31": sheet([2031, 5, 5, 6], codes=of("US")),
        }
    )  # fmt: skip
    frame = parsed.frames[TABLE].select("area_kind", "area_code", "area_name", "co2e_lb_per_mwh")
    assert frame.rows() == [
        ("balancing_authority", "FISO", "Freedonia ISO", 2.0),
        ("state", "FR", None, 4.0),
        ("country", "US", None, 6.0),
    ]


def test_plants_and_other_sheets_are_left_aside(read):
    parsed = read({"SRL31": sheet(ROW), "PLNT31": [["x"], ["PLC2ERTA"], [5]], "NRL31": [["y"]]})
    assert parsed.row_count == 1


def test_year_without_a_column_is_that_of_the_sheet(read):
    codes = {code: name for code, name in LONG.items() if code != "YEAR"}
    assert read({"SRL09": sheet(ROW[1:], codes=codes)}).frames[TABLE]["year"].to_list() == [2009]


def test_other_code_of_the_non_baseload_rate_is_known(read):
    codes = {("SRNBC2ER" if code == "SRNBC2E" else code): name for code, name in LONG.items()}
    parsed = read({"SRL31": sheet(ROW, codes=codes)})
    assert parsed.frames[TABLE]["nonbaseload_co2e_lb_per_mwh"].to_list() == [905.5]


def test_negative_generation_is_kept_and_area_without_a_rate_left_out(read):
    pumping = (2031, "PUMP", "Pumps", -4500.5, 0, 0, None, None)
    silent = (2031, "NONE", "Nothing", 0, None, None, None, None)
    parsed = read({"SRL31": sheet(pumping, silent)})
    assert parsed.frames[TABLE].select("area_code", "generation_mwh").rows() == [("PUMP", -4500.5)]
    assert parsed.rejects.is_empty()


@pytest.mark.parametrize(
    ("place", "value", "column"),
    [
        (0, "soon", "year"),
        (1, None, "area_code"),
        (3, "many", "generation_mwh"),
        (4, "n/a", "co2_lb_per_mwh"),
        (5, -3, "co2e_lb_per_mwh"),
        (5, 1e7, "co2e_lb_per_mwh"),
    ],
)
def test_bad_row_is_set_aside_with_its_row_in_the_sheet(read, place, value, column):
    spoilt = [*ROW[:place], value, *ROW[place + 1 :]]
    parsed = read({"SRL31": sheet(ROW, spoilt)})
    assert parsed.row_count == 1
    assert parsed.rejects.select("location", "column_name").rows() == [
        ("egrid.xlsx sheet SRL31 row 4", column)
    ]


@pytest.mark.parametrize("code", ["SUBRGN", "SRNGENAN", "SRCO2RTA", "SRC2ERTA"])
def test_missing_column_is_refused(read, code):
    codes = {(f"{name}_NEW" if name == code else name): long for name, long in LONG.items()}
    with pytest.raises(ParseError, match=f"sheet SRL31 field '{code}'.*the column is missing"):
        read({"SRL31": sheet(ROW, codes=codes)})


def test_metric_workbook_is_refused(read):
    codes = {code: name.replace("lb/MWh", "kg/MWh") for code, name in LONG.items()}
    with pytest.raises(ParseError, match="this is the metric workbook"):
        read({"SRL31": sheet(ROW, codes=codes)})


def test_workbook_without_our_sheets_is_refused(read):
    with pytest.raises(ParseError, match=r"no sheet such as SRL23.*found: Contents, Other"):
        read({"Contents": [["eGRID"]], "Other": [["x"]]})


@pytest.mark.parametrize("body", [b"", b"PK and no more", b"<html>busy</html>", b"a,b\n1,2\n"])
def test_body_that_is_no_workbook_is_refused(body):
    with pytest.raises(ParseError, match="an Excel workbook was expected"):
        parse(Arrival(body, "egrid.xlsx", NOON))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_mutated_bytes_never_end_in_another_error(write, data):
    body = bytearray(write({"SRL31": sheet(ROW)}))
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(body), len(body) // 2, len(body) - 10]))
    with suppress(ParseError):
        parse(Arrival(bytes(body[:cut]), "egrid.xlsx", NOON))


CELL = st.one_of(st.none(), st.integers(-5, 5), st.floats(-1e9, 1e9), st.sampled_from(["x", " "]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(CELL, min_size=8, max_size=8), max_size=5))
def test_each_row_is_loaded_set_aside_or_without_rates(read, rows):
    with_rates = [row for row in rows if any(cell not in (None, " ") for cell in row[4:6])]
    parsed = read({"SRL31": sheet(ROW, *rows)})
    assert parsed.row_count + parsed.rejects.height == 1 + len(with_rates)


def test_years_of_a_folder_are_found(ask_provider, provider_server):
    bodies = list(fetch(ask_provider(SOURCE, NOON)))
    parts = [parse(Arrival(body.body, body.name, NOON)) for body in bodies]
    frame = pl.concat([part.frames[TABLE] for part in parts])
    egrid = provider_server.state("egrid")
    assert frame["year"].unique().sort().to_list() == sorted(egrid.workbooks)
    told = egrid.workbooks[2022]["SRL22"]
    of_2022 = frame.filter((pl.col("year") == 2022) & (pl.col("area_kind") == "subregion"))
    rates = dict(of_2022.select("area_code", "co2e_lb_per_mwh").iter_rows())
    place = told[1].index("SRC2ERTA")
    assert rates == {row[told[1].index("SUBRGN")]: row[place] for row in told[2:]}
    assert all(part.rejects.is_empty() for part in parts)


def test_one_workbook_may_be_named(ask_provider, provider_server, monkeypatch):
    context = ask_provider(SOURCE, NOON)
    monkeypatch.setenv(
        "JOULEHOUSE_EGRID_URL", provider_server.url("egrid") + "/egrid2023_data.xlsx"
    )
    (body,) = fetch(context)
    assert parse(Arrival(body.body, body.name, NOON)).frames[TABLE]["year"].unique().to_list() == [
        2023
    ]
    assert len(provider_server.requests("egrid")) == 1


def test_folder_without_a_workbook_is_reported(ask_provider, provider_server):
    provider_server.faults.add("egrid", "404")
    with pytest.raises(SourceError, match=r"egrid: no workbook of 2018, 2019"):
        list(fetch(ask_provider(SOURCE, NOON)))


def test_page_in_place_of_a_workbook_is_reported(ask_provider, provider_server):
    provider_server.faults.add("egrid", "html_200")
    with pytest.raises(SourceError, match=r"egrid: GET .*\.xlsx"):
        list(fetch(ask_provider(SOURCE, NOON)))
