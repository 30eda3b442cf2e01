"""EPA's eGRID workbooks: one a data year, two header rows, sheets named with the year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from local_providers import World
from local_providers.faults import ActiveFaults
from local_providers.static_files import NO_FAULTS, FileProvider, Writer, renamed
from local_providers.workbook import Cell, workbook_bytes

YEARS = (2021, 2022, 2023)

# Subregion, name, net generation (MWh), CO2 and CO2e and non-baseload CO2 (lb/MWh). Invented.
SUBREGIONS = (
    ("AKGD", "ASCC Alaska Grid", 4_900_100, 980.25, 985.5, 1_240.75),
    ("CAMX", "WECC California", 201_000_500, 450.5, 452.125, 1_010.25),
    ("ERCT", "ERCOT All", 430_250_000, 770.75, 774.5, 1_290.5),
    ("NYUP", "NPCC Upstate NY", 88_100_250, 240.125, 241.5, 880.5),
    ("PRMS", "Puerto Rico Miscellaneous", 18_000_750, 1_550.5, 1_556.25, 1_600.5),
    ("RFCE", "RFC East", 260_500_250, 600.25, 603.5, 1_200.25),
)
STATES = (
    ("AK", 2, 6_500_250, 900.5, 905.25),
    ("CA", 6, 215_500_500, 430.25, 432.5),
    ("TX", 48, 540_250_750, 820.5, 824.75),
    ("VT", 50, 2_400_125, 5.25, 5.5),
)
BALANCING = (
    ("CAISO", "California Independent System Operator", 190_500_250, 440.5, 442.75),
    ("ERCO", "Electric Reliability Council of Texas, Inc.", 430_250_000, 770.75, 774.5),
    ("PJM", "PJM Interconnection, LLC", 820_250_500, 700.25, 704.5),
)
# Name, code, state, subregion, net generation: negative where a plant takes more than it gives.
PLANTS = (
    ("Rookery Solar", 90_001, "CA", "CAMX", 125_250.5, 0.0),
    ("Heron Pumped Storage", 90_002, "TX", "ERCT", -45_100.25, None),
    ("Wren Gas", 90_003, "VT", "NEWE", 900_500.75, 880.5),
)


class Egrid(FileProvider):
    """The workbooks ``egrid{year}_data.xlsx``; any path with such a name and year will do.

    Attributes:
        workbooks: the sheets of each year, as rows of cells, both header rows included.
    """

    source_id = "egrid"
    base_url_env = "JOULEHOUSE_EGRID_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.workbooks = {year: sheets_of(year) for year in YEARS}

    def files(self) -> Mapping[str, Writer]:
        """One workbook a year."""
        return {f"egrid{year}_data.xlsx": partial(self._workbook, year) for year in self.workbooks}

    def body(self, path: str, faults: ActiveFaults = NO_FAULTS) -> bytes:
        """The workbook of the year that the path names.

        Raises:
            KeyError: there is none.
        """
        named = re.search(r"egrid_?(20\d\d)\w*\.xlsx$", path, re.IGNORECASE)
        if named is None:
            raise KeyError(path)
        return super().body(f"egrid{named[1]}_data.xlsx", faults)

    def add_year(self, year: int) -> None:
        """Publish the next year."""
        self.workbooks[year] = sheets_of(year)

    def correct(self, year: int, sheet: str, key: str, code: str, value: Cell) -> None:
        """Change one cell, as a revised workbook does: sheet, subregion or state, column code."""
        _, codes, *rows = self.workbooks[year][sheet]
        for row in rows:
            if key in row:
                row[list(codes).index(code)] = value

    def _workbook(self, year: int, faults: ActiveFaults) -> bytes:
        return workbook_bytes(
            {name: _disturbed(rows, faults) for name, rows in self.workbooks[year].items()}
        )


def _disturbed(rows: list[list[Cell]], faults: ActiveFaults) -> list[list[Cell]]:
    """A sheet as the faults that are on make it; fields are the codes of its columns."""
    if len(rows) < 3 or "YEAR" not in rows[1]:
        return rows
    long_names, codes, *values = rows
    names = renamed(faults)
    disturbed = faults.disturb([dict(zip(map(str, codes), row, strict=True)) for row in values])
    header: list[Cell] = [names.get(str(code), code) for code in codes]
    more = sorted({name for row in disturbed for name in row} - set(map(str, header)))
    cells = [[_plain(row.get(str(code))) for code in (*header, *more)] for row in disturbed]
    return [[*long_names, *more], [*header, *more], *cells]


def _plain(value: object) -> Cell:
    is_cell = value is None or isinstance(value, str | int | float)
    return value if is_cell and not isinstance(value, bool) else str(value)


def sheets_of(year: int) -> dict[str, list[list[Cell]]]:
    """The sheets of a year. Rates fall by 10 lb/MWh a year from 2023's, counted backwards."""
    more = (YEARS[-1] - year) * 10.0
    short = f"{year % 100:02}"
    contents: list[list[Cell]] = [
        ["Emissions & Generation Resource Integrated Database (eGRID)"],
        [],
        [f"eGRID{year} data: made up for tests"],
    ]
    total = sum(row[2] for row in SUBREGIONS)
    return {
        "Contents": contents,
        f"PLNT{short}": _sheet(
            {"YEAR": "Data Year", "PSTATABB": "Plant state abbreviation", "PNAME": "Plant name",
             "ORISPL": "DOE/EIA ORIS plant or facility code", "SUBRGN": "eGRID subregion acronym",
             "PLNGENAN": "Plant annual net generation (MWh)",
             "PLC2ERTA": "Plant annual CO2 equivalent total output emission rate (lb/MWh)"},
            [[year, state, name, code, region, mwh, rate]
             for name, code, state, region, mwh, rate in PLANTS],
        ),
        f"ST{short}": _sheet(
            {"YEAR": "Data Year", "PSTATABB": "State abbreviation", "FIPSST": "FIPS State code",
             "STNGENAN": "State annual net generation (MWh)",
             "STCO2RTA": "State annual CO2 total output emission rate (lb/MWh)",
             "STC2ERTA": "State annual CO2 equivalent total output emission rate (lb/MWh)"},
            [[year, state, code, mwh, co2 + more, co2e + more]
             for state, code, mwh, co2, co2e in STATES],
        ),
        f"BA{short}": _sheet(
            {"YEAR": "Data Year", "BANAME": "Balancing Authority Name",
             "BACODE": "Balancing Authority Code",
             "BANGENAN": "BA annual net generation (MWh)",
             "BACO2RTA": "BA annual CO2 total output emission rate (lb/MWh)",
             "BAC2ERTA": "BA annual CO2 equivalent total output emission rate (lb/MWh)"},
            [[year, name, code, mwh, co2 + more, co2e + more]
             for code, name, mwh, co2, co2e in BALANCING],
        ),
        f"SRL{short}": _sheet(
            {"YEAR": "Data Year", "SUBRGN": "eGRID subregion acronym",
             "SRNAME": "eGRID subregion name",
             "SRNGENAN": "eGRID subregion annual net generation (MWh)",
             "SRCO2RTA": "eGRID subregion annual CO2 total output emission rate (lb/MWh)",
             "SRC2ERTA": "eGRID subregion annual CO2 equivalent total output emission rate "
             "(lb/MWh)",
             "SRNBCO2": "eGRID subregion annual CO2 non-baseload output emission rate (lb/MWh)"},
            [[year, code, name, mwh, co2 + more, co2e + more, marginal]
             for code, name, mwh, co2, co2e, marginal in SUBREGIONS],
        ),
        f"US{short}": _sheet(
            {"YEAR": "Data Year", "USNGENAN": "U.S. annual net generation (MWh)",
             "USCO2RTA": "U.S. annual CO2 total output emission rate (lb/MWh)",
             "USC2ERTA": "U.S. annual CO2 equivalent total output emission rate (lb/MWh)",
             "USNBCO2": "U.S. annual CO2 non-baseload output emission rate (lb/MWh)"},
            [[year, total, 765.25 + more, 769.5 + more, 1_150.5]],
        ),
    }  # fmt: skip


def _sheet(columns: Mapping[str, str], rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Long names, codes, rows."""
    return [list(columns.values()), list(columns), *map(list, rows)]
