"""``joulehouse export`` on a small published warehouse, as a user runs it."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow.parquet
import pytest
import yaml

from warehouse.connections import build_connection
from warehouse.exporting import export_table, source_ids
from warehouse.publishing import publish
from warehouse.read import PublishedWarehouse
from warehouse.settings import Settings

BUILD_ID = "000007-20261122T060000Z"
NOT_TO_BE_SHIPPED = "Proprietary; may not be shipped without a contract."
WAREHOUSE = f"""
create table fct_runs (
    run_id varchar, model_name varchar, names varchar[], started_at timestamp, energy_kwh double,
    is_estimated boolean, release_date date, more struct(a integer), source_id varchar,
    intensity_source_id varchar
);
insert into fct_runs values
    (
        'a', '=HYPERLINK("evil")', ['@x', 'y'], '2026-11-01 06:00:00.25', -1.5, true, '2026-01-31',
        {{'a': 1}}, 'free', 'bought'
    ),
    (
        'b', 'plain, with "quotes"', null, '2026-11-01 06:00:00', null, false, null, null, 'free',
        null
    ),
    ('c', '', [], null, 0.1, null, null, null, null, null);
comment on table fct_runs is 'One row per run.';
create view rpt_totals as select sum(energy_kwh) as energy_kwh from fct_runs;
comment on view rpt_totals is 'One row per everything.';
create table meta_columns as
    from (values
        ('fct_runs', 1, 'run_id', 'varchar', 'key', 'Key of the run.'),
        ('fct_runs', 5, 'energy_kwh', 'double', 'kWh', '=Energy of the run.'),
        ('rpt_totals', 1, 'energy_kwh', 'double', 'kWh', 'Energy of all runs.')
    ) as t (table_name, column_position, column_name, data_type, unit, description);
create table meta_sources as
    from (values
        ('bought', 'Bought', 'Seller', 'https://example.org', '{NOT_TO_BE_SHIPPED}', null,
            'Seller, 2026.', timestamp '2026-11-20 05:00', 3),
        ('free', 'Free', 'Giver', 'https://example.org', 'CC0-1.0', 'https://example.org/cc0',
            'Giver, "Free: data", 2026.', timestamp '2026-11-21 05:00', 2),
        ('unused', 'Unused', 'Nobody', 'https://example.org', 'MIT', null, 'None.', null, 0)
    ) as t (
        source_id, title, publisher, homepage_url, licence, licence_url, citation,
        last_success_at, row_count
    );
"""


@pytest.fixture
def published(joulehouse) -> Settings:
    """A data folder with that warehouse, published, where the command looks for it."""
    settings = Settings(data_dir=joulehouse.data_dir, _env_file=None)
    settings.build_path.parent.mkdir(parents=True)
    with build_connection(settings) as connection:
        connection.execute(WAREHOUSE)
    publish(settings, BUILD_ID, published_at=datetime(2026, 11, 22, 6, tzinfo=UTC))
    return settings


def _cells(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_table_becomes_a_file_with_its_dictionary(joulehouse, published):
    done = joulehouse("export", "--output", "out")
    assert done.returncode == 0, done.stderr
    assert "fct_runs" in done.stdout
    assert "3 rows" in done.stdout
    names = "fct_runs", "meta_columns", "meta_sources", "rpt_totals"
    endings = "parquet", "dictionary.json", "dictionary.csv"
    assert sorted(path.name for path in (joulehouse.folder / "out").iterdir()) == sorted(
        [f"{name}.{ending}" for name in names for ending in endings]
        + ["README.md", "CITATION.cff", "SHA256SUMS"]
    )


def test_parquet_holds_what_the_warehouse_holds(joulehouse, published):
    joulehouse("export", "fct_runs", "--output", "out")
    path = joulehouse.folder / "out" / "fct_runs.parquet"
    expected = PublishedWarehouse.open(published).query("from fct_runs")
    assert pl.read_parquet(path).equals(expected)
    about = pyarrow.parquet.read_schema(path).metadata
    assert about[b"joulehouse_build_id"] == BUILD_ID.encode()
    assert about[b"joulehouse_grain"] == b"One row per run."


def test_csv_runs_nothing_in_a_spreadsheet_and_keeps_numbers(joulehouse, published):
    joulehouse("export", "fct_runs", "--output", "out", "--format", "csv")
    first, second, third = _cells(joulehouse.folder / "out" / "fct_runs.csv")
    assert first["model_name"] == '\'=HYPERLINK("evil")'
    assert first["names"] == "'@x;y"
    assert first["energy_kwh"] == "-1.5"
    assert first["started_at"] == "2026-11-01T06:00:00.250000Z"
    assert first["release_date"] == "2026-01-31"
    assert json.loads(first["more"]) == {"a": 1}
    assert second["model_name"] == 'plain, with "quotes"'
    assert second["started_at"] == "2026-11-01T06:00:00Z"
    assert (second["energy_kwh"], third["energy_kwh"]) == ("", "0.1")


def test_an_empty_text_is_not_a_null(joulehouse, published):
    joulehouse("export", "fct_runs", "--output", "out", "--format", "csv")
    text = (joulehouse.folder / "out" / "fct_runs.csv").read_text()
    assert text.splitlines()[3].startswith('c,"",')


@pytest.mark.parametrize(
    "cell",
    ["=1", "+1", "-1", "@x", "\t=1", "\r1", "\n1", "  =1", "\u00a0=1", "\uff1d1", "\u3000@a"],
)
def test_each_way_to_start_a_formula_is_met(cell, published, tmp_path):
    with build_connection(published) as connection:
        connection.execute("create table cells as select ? as cell", [cell])
    path = tmp_path / "cells.csv"
    warehouse = PublishedWarehouse.from_file(published.build_path, published)
    assert export_table(warehouse, "cells", path, "csv").row_count == 1
    assert _cells(path)[0]["cell"] == f"'{cell}"


def test_the_dictionary_names_units_grain_and_the_licence_of_each_source(joulehouse, published):
    done = joulehouse("export", "fct_runs", "--output", "out")
    out = joulehouse.folder / "out"
    document = json.loads((out / "fct_runs.dictionary.json").read_text())
    assert document["grain"] == "One row per run."
    assert document["row_count"] == 3
    assert document["build_id"] == BUILD_ID
    assert [(c["column_name"], c["unit"]) for c in document["columns"]] == [
        ("run_id", "key"), ("energy_kwh", "kWh"),
    ]  # fmt: skip
    # A source that only another column names is there too; one that occurs nowhere is not.
    assert {s["source_id"]: s["licence"] for s in document["sources"]} == {
        "bought": NOT_TO_BE_SHIPPED,
        "free": "CC0-1.0",
    }
    assert _cells(out / "fct_runs.dictionary.csv")[1]["description"] == "'=Energy of the run."
    assert done.returncode == 0


def test_a_table_that_names_no_source_is_said_to_stand_on_all(joulehouse, published):
    joulehouse("export", "rpt_totals", "--output", "out")
    document = json.loads((joulehouse.folder / "out" / "rpt_totals.dictionary.json").read_text())
    assert document["sources_are"].startswith("all of the warehouse")
    assert [s["source_id"] for s in document["sources"]] == ["bought", "free"]
    warehouse = PublishedWarehouse.open(published)
    assert source_ids(warehouse, "rpt_totals") is None
    assert source_ids(warehouse, "fct_runs") == ["bought", "free"]


def test_the_citation_names_the_build_and_every_source(joulehouse, published):
    joulehouse("export", "fct_runs", "--output", "out")
    citation = yaml.safe_load((joulehouse.folder / "out" / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert (citation["version"], citation["date-released"]) == (BUILD_ID, "2026-11-22")
    assert [reference["title"] for reference in citation["references"]] == ["Bought", "Free"]
    assert 'Giver, "Free: data", 2026.' in citation["references"][1]["notes"]
    readme = (joulehouse.folder / "out" / "README.md").read_text()
    assert NOT_TO_BE_SHIPPED in readme
    assert BUILD_ID in readme


def test_checksums_hold_and_the_same_build_gives_the_same_bytes(joulehouse, published):
    for name in ("one", "two"):
        assert joulehouse("export", "--output", name, "--format", "csv").returncode == 0
    one, two = joulehouse.folder / "one", joulehouse.folder / "two"
    lines = (one / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == len(list(one.iterdir())) - 1
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((one / name).read_bytes()).hexdigest() == digest
    assert (one / "SHA256SUMS").read_bytes() == (two / "SHA256SUMS").read_bytes()


def test_an_unknown_table_is_answered_with_the_nearest(joulehouse, published):
    done = joulehouse("export", "fct_run", "--output", "out")
    assert done.returncode == 2
    assert "there is no table 'fct_run'" in done.stderr
    assert "Did you mean fct_runs?" in done.stderr
    assert not (joulehouse.folder / "out").exists()


def test_what_is_there_is_never_overwritten(joulehouse, published):
    (joulehouse.folder / "out").mkdir()
    (joulehouse.folder / "out" / "thesis.txt").write_text("mine")
    done = joulehouse("export", "fct_runs", "--output", "out")
    assert done.returncode == 2
    assert "out is there already" in done.stderr
    assert [path.name for path in (joulehouse.folder / "out").iterdir()] == ["thesis.txt"]


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_left(joulehouse, published):
    (joulehouse.folder / "file").write_text("no folder")
    done = joulehouse("export", "fct_runs", "--output", "file/out")
    assert done.returncode == 2
    assert "out cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_build_it_says_what_to_do(joulehouse):
    done = joulehouse("export", "--output", "out")
    assert done.returncode == 1
    assert "Run `joulehouse refresh` first." in done.stderr
