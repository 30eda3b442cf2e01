"""Own measurements as CSV and Parquet: what is read, what is refused, and in which words."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import polars as pl
import pytest

from flows.sources.measurements import SOURCE, parse
from flows.sources.measurements_table import MEASUREMENTS
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.tables import Parsed

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)
HEADER = "measurement_id,subject_kind,boundary,model_name,energy_kwh,started_at"


def read(body: bytes | str) -> Parsed:
    return parse(Arrival(body if isinstance(body, bytes) else body.encode(), "mine.csv", AT))


def rows(parsed: Parsed) -> list[dict]:
    return parsed.frames["measurements"].to_dicts()


def refused(parsed: Parsed) -> list[tuple]:
    return parsed.rejects.select("location", "column_name", "offending_value", "reason").rows()


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def test_a_row_has_every_column_of_the_table_and_null_where_nothing_is_given():
    parsed = read(f"{HEADER}\nrun-1,training_run,it,Llama 3.1 8B,12.5,2026-03-01T08:30:00Z\n")
    (row,) = rows(parsed)
    assert list(row) == [column.name for column in MEASUREMENTS.columns]
    given = {name: value for name, value in row.items() if value is not None}
    assert given == {
        "measurement_id": "run-1",
        "subject_kind": "training_run",
        "boundary": "it",
        "model_name": "Llama 3.1 8B",
        "energy_kwh": 12.5,
        "started_at": datetime(2026, 3, 1, 8, 30, tzinfo=UTC),
    }
    assert parsed.rejects.is_empty()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_delimiter_is_that_of_the_header(delimiter: str, mark: str):
    text = f"{HEADER}\nrun-1,training_run,it,Llama,1.5,\n".replace(",", delimiter)
    (row,) = rows(read((mark + text).encode()))
    assert (row["model_name"], row["energy_kwh"]) == ("Llama", 1.5)


def test_parquet_is_told_by_its_content_and_reads_the_same():
    frame = pl.DataFrame(
        {
            "measurement_id": [7],
            "subject_kind": pl.Series(["training_run"], dtype=pl.Categorical),
            "boundary": ["it"],
            "model_name": ["  Llama "],
            "energy_kwh": [1],
            "started_at": [datetime(2026, 3, 1, 8, 30)],  # noqa: DTZ001
            "x_cost_center": ["A"],
        }
    )
    (row,) = rows(read(parquet(frame)))
    assert (row["measurement_id"], row["model_name"], row["energy_kwh"]) == ("7", "Llama", 1.0)
    assert row["started_at"] == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-03-01", 0),
        ("2026-03-01 08:30", 8.5),
        ("2026-03-01T08:30:00", 8.5),
        ("2026-03-01T08:30:00Z", 8.5),
        ("2026-03-01T08:30:00+01:00", 7.5),  # one hour ahead of UTC
        ("2026-03-01 08:30 -0500", 13.5),
    ],
)
def test_an_instant_without_an_offset_is_utc_and_one_with_it_is_converted(written, hour):
    (row,) = rows(read(f"{HEADER}\nr,training_run,it,,1,{written}\n"))
    assert (row["started_at"] - datetime(2026, 3, 1, tzinfo=UTC)).total_seconds() == hour * 3600


def test_typed_instants_with_a_zone_are_converted_and_days_begin_at_midnight():
    base = {"measurement_id": ["r"], "subject_kind": ["training_run"], "boundary": ["it"]}
    zoned = pl.Series([datetime(2026, 3, 1, 7, 30, tzinfo=UTC)]).dt.convert_time_zone(
        "Europe/Berlin"
    )
    for given, expected in (
        (zoned, datetime(2026, 3, 1, 7, 30, tzinfo=UTC)),
        (pl.Series([date(2026, 3, 1)]), datetime(2026, 3, 1, tzinfo=UTC)),
    ):
        (row,) = rows(read(parquet(pl.DataFrame(base | {"started_at": given}))))
        assert row["started_at"] == expected


def test_a_bad_row_goes_to_quarantine_with_its_line_and_value_and_stops_no_other():
    parsed = read(
        f"{HEADER}\n"
        "good,training_run,it,,1,\n"
        "text,training_run,it,,many,\n"
        'comma,training_run,it,,"1,5",\n'
        "kind,running,it,,1,\n"
        ",training_run,it,,1,\n"
        "late,training_run,it,,1,01.03.2026\n"
        "long,training_run,it,,1,,surplus\n"
        "\n"
        "short,training_run,it\n"
    )
    assert [row["measurement_id"] for row in rows(parsed)] == ["good", "short"]
    not_iso = "no instant of ISO 8601, such as 2026-03-01T08:30:00+01:00"
    kinds = "expected one of: training_run, inference_benchmark, inference_use"
    assert sorted(refused(parsed)) == [
        ("row 3", "energy_kwh", "many", "cannot be read as a number"),
        ("row 4", "energy_kwh", "1,5", "cannot be read as a number"),
        ("row 5", "subject_kind", "running", kinds),
        ("row 6", "measurement_id", None, "required, but empty"),
        ("row 7", "started_at", "01.03.2026", not_iso),
        ("row 8", "", "surplus", "the line has more fields than the header"),
    ]


@pytest.mark.parametrize(
    ("columns", "values", "column"),
    [
        ("energy_kwh,energy_lower_kwh", "1,2", "energy_lower_kwh"),
        ("energy_kwh,energy_upper_kwh", "2,1", "energy_upper_kwh"),
        ("parameters_total,parameters_active", "5,6", "parameters_active"),
        ("duration_h,hardware_count", "1e5,1e5", "duration_h"),  # 1e10 device hours
        ("average_power_w,device_hours", "1e5,1e8", "average_power_w"),  # 1e10 kWh
        ("pue_ratio", "0.9", "pue_ratio"),
        ("energy_kwh", "-1", "energy_kwh"),
        ("energy_kwh", "inf", "energy_kwh"),
    ],
)
def test_what_cannot_be_true_is_refused(columns: str, values: str, column: str):
    text = f"measurement_id,subject_kind,boundary,{columns}\n"
    parsed = read(
        f"{text}bad,training_run,it,{values}\nfine,training_run,it{',' * (values.count(',') + 1)}\n"
    )
    assert [row["measurement_id"] for row in rows(parsed)] == ["fine"]
    assert [(place, name) for place, name, _, _ in refused(parsed)] == [("row 2", column)]


def test_a_benchmark_is_not_counted_in_runs():
    text = "measurement_id,subject_kind,boundary,functional_unit\nb,{},it,run\n"
    assert refused(read(text.format("inference_benchmark")))[0][1] == "functional_unit"
    assert not refused(read(text.format("training_run")))


def test_rows_in_are_rows_out_and_rows_refused():
    lines = "".join(f"r{n},training_run,it,,{'x' if n % 7 == 0 else n},\n" for n in range(100))
    parsed = read(f"{HEADER}\n{lines}")
    assert (parsed.row_count, parsed.rejects.height) == (85, 15)  # 0, 7, … 98 are 15


def test_an_unknown_column_is_an_error_that_names_the_nearest_one():
    with pytest.raises(ParseError, match=r"'energy_kw' \(did you mean 'energy_kwh'\?\)"):
        read("measurement_id,subject_kind,boundary,energy_kw\na,training_run,it,1\n")
    with pytest.raises(ParseError, match=r"'colour'; a column of your own begins with 'x_'"):
        read("measurement_id,subject_kind,boundary,colour\na,training_run,it,red\n")


def test_columns_of_ones_own_are_left_out_and_names_may_stand_in_upper_case():
    text = "Measurement_ID,Subject_Kind,BOUNDARY,x_colour\na,training_run,it,red\n"
    (row,) = rows(read(text))
    assert row["measurement_id"] == "a"
    assert "x_colour" not in row


def test_a_file_of_another_kind_is_one_error_that_says_what_is_missing():
    with pytest.raises(ParseError) as caught:
        read("timestamp,project_name,emissions\n2026-01-01,mine,0.1\n")
    text = str(caught.value)
    assert "the file has no column measurement_id, subject_kind, boundary" in text
    assert "joulehouse import measurements --template" in text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "a CSV or Parquet table was expected"),
        (b"{}", "a CSV or Parquet table was expected"),
        (b"PAR1 and no more", "begins like Parquet but cannot be read"),
        ("measurement_id;Größe".encode("latin-1"), "neither Parquet nor text in UTF-8"),
        (b"measurement_id,,boundary\n", "column 2 of the header has no name"),
        (b"boundary,a,Boundary\n", "names 'boundary' twice"),
        (b"boundary,boundary\n", "names 'boundary' twice"),
    ],
)
def test_a_body_that_is_no_table_is_one_clear_error(body: bytes, message: str):
    with pytest.raises(ParseError, match=message):
        read(body)


def test_a_header_without_rows_gives_no_rows():
    assert read(f"{HEADER}\n").row_count == 0


def test_a_true_value_is_no_number_and_a_number_no_instant():
    base = {"measurement_id": ["r"], "subject_kind": ["training_run"], "boundary": ["it"]}
    parsed = read(parquet(pl.DataFrame(base | {"energy_kwh": [True]})))
    assert refused(parsed) == [
        ("row 1", "energy_kwh", "true", "cannot be read as a number"),
    ]
    parsed = read(parquet(pl.DataFrame(base | {"started_at": [1_700_000_000]})))
    assert refused(parsed)[0][1:3] == ("started_at", "1700000000")
    with pytest.raises(ParseError, match="one value a row was expected"):
        read(parquet(pl.DataFrame(base | {"energy_kwh": [[1.0]]})))


def test_nobody_is_asked():
    with pytest.raises(SourceError, match="has no provider") as caught:
        SOURCE.fetch(None)  # type: ignore[arg-type]
    assert "joulehouse import measurements FILE" in str(caught.value)
