"""eGRID: the US EPA's yearly workbook of emission rates by subregion, authority and state.

A sheet holds the long names of its columns in one row, their codes in the next, then one row an
area. Rates are in pounds a megawatt-hour, and stay so here; they are what leaves the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import fastexcel
import polars as pl

from flows.sources.context import FetchContext
from flows.sources.egrid_tables import KINDS, MEASURES, RATES, REQUIRED, Kind
from flows.sources.http import Answer
from flows.sources.http_errors import NotFoundError
from flows.sources.protocol import Arrival, Limits, Source
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Fetched
from warehouse.tables import Parsed, conform

_ID = "egrid"
_LICENCE = "Public domain (work of the United States government). May be shown and shipped."
_MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
)
_BASE = "https://www.epa.gov"
# Data year and where its latest revision lies. The folder is the month of publication, so that the
# address of a new year cannot be told beforehand.
_EDITIONS = {
    2018: "/sites/default/files/2020-03/egrid2018_data_v2.xlsx",
    2019: "/sites/default/files/2021-02/egrid2019_data.xlsx",
    2020: "/system/files/documents/2022-09/eGRID2020_Data_v2.xlsx",
    2021: "/system/files/documents/2023-01/eGRID2021_data.xlsx",
    2022: "/system/files/documents/2024-01/egrid2022_data.xlsx",
    2023: "/system/files/documents/2025-06/egrid2023_data_rev2.xlsx",
}
_SHEET = re.compile(r"(SRL|BA|ST|US)(\d{2})")
_HEADER_ROWS = 10


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The workbook of each year that can be found, or the one that the address names.

    Raises:
        SourceError: none could be had, or one of EPA's known addresses holds nothing.
    """
    if context.base_url.endswith(".xlsx"):
        yield _fetched(context.http.get_bytes(expected=_MEDIA_TYPES), context.base_url)
        return
    missing = []
    years = {year: _paths(context.base_url, year) for year in _EDITIONS}
    if context.base_url != _BASE:
        newer = range(max(_EDITIONS) + 1, context.as_of.year + 1)
        years |= {year: [f"/egrid{year}_data.xlsx"] for year in newer}
    found = 0
    for year, paths in years.items():
        if (fetched := _first_found(context, paths)) is not None:
            found += 1
            yield fetched
        elif year in _EDITIONS:
            missing.append(year)
    if not found or (missing and context.base_url == _BASE):
        raise SourceError(
            f"{_ID}: no workbook of {', '.join(map(str, missing))} is at {context.base_url}.",
            remedy="Look for it at https://www.epa.gov/egrid, and set JOULEHOUSE_EGRID_URL to the "
            "file's address or import the file.",
        )


def _paths(base_url: str, year: int) -> list[str]:
    """Where the workbook of a year may lie: EPA's own place, or any folder that holds copies."""
    path = _EDITIONS[year]
    if base_url == _BASE:
        return [path]
    names = dict.fromkeys((path.rpartition("/")[2], f"egrid{year}_data.xlsx"))
    return [f"/{name}" for name in names]


def _first_found(context: FetchContext, paths: list[str]) -> Fetched | None:
    for path in paths:
        try:
            return _fetched(context.http.get_bytes(path, expected=_MEDIA_TYPES), path)
        except NotFoundError:
            continue
    return None


def _fetched(answer: Answer, path: str) -> Fetched:
    return Fetched(
        body=answer.body,
        name=path.rpartition("/")[2],
        media_type=answer.media_type,
        request=answer.request,
        licence=_LICENCE,
    )


def parse(arrival: Arrival) -> Parsed:
    """Emission rates of every area in the workbook; an area without a rate makes no row.

    Raises:
        ParseError: it is no eGRID workbook, its rates are in kilograms, or a column is missing.
    """
    book = _workbook(arrival)
    sheets = [(name, found) for name in book.sheet_names if (found := _SHEET.fullmatch(name))]
    if not sheets:
        raise ParseError(
            "no sheet such as SRL23, BA23, ST23 or US23 is in the workbook; found: "
            f"{', '.join(book.sheet_names)[:300]}",
            source_id=_ID,
            location=arrival.name,
        )
    return Parsed.collect(
        [
            (RATES.name, _rates(book, name, KINDS[found[1]], 2000 + int(found[2]), arrival))
            for name, found in sheets
        ]
    )


def _workbook(arrival: Arrival) -> fastexcel.ExcelReader:
    try:
        return fastexcel.read_excel(arrival.body)
    except fastexcel.FastExcelError as error:
        raise ParseError(
            f"an Excel workbook was expected: {str(error).splitlines()[0]}",
            source_id=_ID,
            location=arrival.name,
            value=arrival.body[:40].decode(errors="replace"),
        ) from error


def _rates(
    book: fastexcel.ExcelReader, sheet: str, kind: Kind, sheet_year: int, arrival: Arrival
) -> tuple[pl.DataFrame, pl.DataFrame]:
    where = f"{arrival.name} sheet {sheet}"
    try:
        cells = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
        cells = cells.with_columns(pl.all().str.strip_chars().replace("", None))
    except fastexcel.FastExcelError as error:
        raise ParseError(
            f"the sheet cannot be read: {str(error).splitlines()[0]}",
            source_id=_ID,
            location=where,
        ) from error
    header, columns = _columns(cells, kind)
    wanted = {
        ours: next(
            (f"{kind.prefix}{code}" for code in codes if f"{kind.prefix}{code}" in columns), ""
        )
        for ours, codes in MEASURES.items()
    }
    missing = [f"{kind.prefix}{MEASURES[ours][0]}" for ours in REQUIRED if not wanted[ours]]
    if kind.code is not None and kind.code not in columns:
        missing.append(kind.code)
    if missing:
        raise ParseError(
            f"the column is missing; found: {', '.join(columns)[:300]}",
            source_id=_ID,
            location=where,
            field=missing[0],
        )
    _refuse_metric(cells, header, columns[wanted["co2e_lb_per_mwh"]], where)

    def cell(code: str | None) -> pl.Expr:
        return pl.col(columns[code]) if code and code in columns else pl.lit(None, pl.String)

    rows = (
        cells.with_row_index("row", offset=1)
        .slice(header + 1)
        .select(
            "row",
            cell("YEAR").fill_null(str(sheet_year)).alias("year"),
            pl.lit(kind.area_kind).alias("area_kind"),
            (cell(kind.code) if kind.code else pl.lit("US")).alias("area_code"),
            cell(kind.name).alias("area_name"),
            *(cell(code).alias(ours) for ours, code in wanted.items()),
        )
        .filter(pl.any_horizontal(pl.col("co2_lb_per_mwh", "co2e_lb_per_mwh").is_not_null()))
    )
    return conform(rows, RATES, pl.format("{} row {}", pl.lit(where), "row"))


def _columns(cells: pl.DataFrame, kind: Kind) -> tuple[int, dict[str, str]]:
    """The row of codes, counted from zero, and the frame's column of each code."""
    known = f"{kind.prefix}NGENAN", f"{kind.prefix}CO2RTA", f"{kind.prefix}C2ERTA"
    best: tuple[int, dict[str, str]] = (0, {})
    for number, row in enumerate(cells.head(_HEADER_ROWS).iter_rows()):
        codes = {
            str(text).strip().upper(): name
            for text, name in zip(row, cells.columns, strict=True)
            if text is not None
        }
        if any(code in codes for code in known):
            return number, codes
        if not best[1]:
            best = (number, codes)
    return best


def _refuse_metric(cells: pl.DataFrame, header: int, column: str, where: str) -> None:
    """EPA gives the same workbook in metric units too, with the same codes."""
    long_name = " ".join(str(text) for text in cells[column].head(header) if text)
    if re.search(r"\bkg\b|kg/", long_name):
        raise ParseError(
            "the rates are in kilograms: this is the metric workbook, the one in pounds is read",
            source_id=_ID,
            location=where,
            value=long_name,
        )


SOURCE = Source(
    source_id=_ID,
    title="eGRID: yearly emission rates of electricity in the United States",
    publisher="US Environmental Protection Agency",
    homepage_url="https://www.epa.gov/egrid",
    licence=_LICENCE,
    licence_url="https://www.epa.gov/web-policies-and-procedures/epa-disclaimers",
    citation=(
        "US Environmental Protection Agency, Emissions and Generation Resource Integrated Database "
        "(eGRID), https://www.epa.gov/egrid, with the data year and revision."
    ),
    description=(
        "Net generation and direct emission rates of the eGRID subregions, balancing authorities, "
        "states and the whole of the United States, yearly since 2018."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(RATES,),
    fetch=fetch,
    parse=parse,
    base_url=_BASE,
    base_url_env="JOULEHOUSE_EGRID_URL",
    limits=Limits(requests=2, per=timedelta(seconds=1), concurrency=1),
    is_cacheable=True,
    known_faults=(
        "Rates are direct emissions in pounds a megawatt-hour; they leave out fuel supply, "
        "construction and line losses.",
        "Each year has an address of its own, which cannot be told beforehand; EPA revises "
        "workbooks under new names (egrid2023_data_rev2 followed egrid2023_data).",
        "The same workbook is published in kilograms with the same codes; it is refused.",
        "Plants, and so small areas, may have negative net generation.",
        "The code of the non-baseload CO2e rate has been NBC2E and NBC2ER.",
    ),
)
