"""Our own tables as a source: each seed by its key, each cell, and nothing if nothing changed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import yaml

from flows.ingest import prepare_raw_tables
from flows.ingest_source import SourceRun
from flows.sources import joulehouse_seeds
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.tables import Parsed

SEEDS = Path(__file__).parents[3] / "dbt" / "seeds"
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = datetime(2026, 11, 2, tzinfo=UTC)
HEADER = "fuel,emission_factor_scope,gco2e_per_kwh"


def _parse(text: str, name: str = "emission_factors.csv") -> Parsed:
    return joulehouse_seeds.parse(Arrival(text.encode(), name, FIRST))


def _refresh(settings: Settings, as_of: datetime) -> tuple[str, int]:
    reading = SourceRun(
        joulehouse_seeds.SOURCE, settings, Run.start(as_of), loading=threading.Lock()
    )
    outcome = reading.fetch_and_load(lambda _: None)
    return outcome.state, reading.row_count


def test_every_seed_has_the_key_that_dbt_tests() -> None:
    tested = {}
    for path in SEEDS.glob("_*.yml"):
        for seed in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]:
            keys = [
                set(test["is_key"]["arguments"]["columns"])
                for test in seed.get("data_tests", [])
                if "is_key" in test
            ]
            keys += [{c["name"]} for c in seed["columns"] if "unique" in c.get("data_tests", [])]
            tested[seed["name"]] = keys

    assert set(joulehouse_seeds.KEYS) == {path.stem for path in SEEDS.glob("*.csv")}
    # The key of the factors and of the regions is tested in Python (tests/unit/seeds).
    for name, key in joulehouse_seeds.KEYS.items():
        if name not in ("emission_factors", "cloud_regions"):
            assert set(key) in tested[name], name


@pytest.mark.parametrize("name", sorted(joulehouse_seeds.KEYS))
def test_every_cell_of_a_seed_is_read(name: str) -> None:
    body = (SEEDS / f"{name}.csv").read_bytes()
    parsed = joulehouse_seeds.parse(Arrival(body, f"{name}.csv", FIRST))
    with duckdb.connect() as connection:
        frame = connection.execute(
            f"from read_csv('{SEEDS / name}.csv', all_varchar = true, quote = '\"', escape = '\"')"
        ).pl()

    assert parsed.rejects.is_empty()
    cells = parsed.frames["seed_values"]
    assert cells.height == frame.height * frame.width
    assert cells["value_text"].null_count() == sum(frame.null_count().row(0))


def test_a_row_becomes_a_version_of_each_of_its_cells() -> None:
    cells = _parse(f'{HEADER},note\ngas,direct,370,"one, two"\ngas,lifecycle,,\n').frames

    assert cells["seed_values"].rows() == [
        ("emission_factors", "gas|direct", "fuel", "gas"),
        ("emission_factors", "gas|direct", "emission_factor_scope", "direct"),
        ("emission_factors", "gas|direct", "gco2e_per_kwh", "370"),
        ("emission_factors", "gas|direct", "note", "one, two"),
        ("emission_factors", "gas|lifecycle", "fuel", "gas"),
        ("emission_factors", "gas|lifecycle", "emission_factor_scope", "lifecycle"),
        ("emission_factors", "gas|lifecycle", "gco2e_per_kwh", None),
        ("emission_factors", "gas|lifecycle", "note", None),
    ]


def test_a_row_without_its_key_or_with_one_seen_is_refused_with_its_line() -> None:
    parsed = _parse(f"{HEADER}\ngas,direct,370\n,direct,1\ngas,direct,371\n")

    assert parsed.frames["seed_values"].height == 3
    assert parsed.rejects["location"].to_list() == [
        "emission_factors.csv line 3",
        "emission_factors.csv line 4",
    ]
    assert parsed.rejects["offending_value"].to_list() == ["|direct", "gas|direct"]


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        (f"{HEADER}\n", "tea.csv", "no reference table has this name"),
        ("fuel,gco2e_per_kwh\ngas,1\n", "emission_factors.csv", "the key is missing"),
        (f"{HEADER}\ngas,direct\n", "emission_factors.csv", "has not the 3 columns"),
        (f"{HEADER}\ngas,direct,1,2\n", "emission_factors.csv", "has not the 3 columns"),
        (f'{HEADER}\ngas,direct,"1\n', "emission_factors.csv", "not a table"),
    ],
)
def test_what_is_no_such_table_is_said(text: str, name: str, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        _parse(text, name)


def test_unchanged_files_land_nothing_and_a_changed_one_lands_alone(tmp_path: Path) -> None:
    seeds = tmp_path / "dbt" / "seeds"
    seeds.mkdir(parents=True)
    for name, key in joulehouse_seeds.KEYS.items():
        values = ",".join("x" for _ in key)
        (seeds / f"{name}.csv").write_text(f"{','.join(key)}\n{values}\n", encoding="utf-8")
    settings = Settings(project_dir=tmp_path, data_dir=tmp_path / "data")
    settings.build_path.parent.mkdir(parents=True)
    prepare_raw_tables(settings)

    cell_count = sum(len(key) for key in joulehouse_seeds.KEYS.values())
    assert _refresh(settings, FIRST) == ("loaded", cell_count)
    assert _refresh(settings, SECOND) == ("unchanged", 0)
    (seeds / "countries.csv").write_text("country_iso2\nDE\nFR\n", encoding="utf-8")
    assert _refresh(settings, SECOND) == ("loaded", 2)


def test_a_file_that_is_gone_is_a_failure_that_names_it(tmp_path: Path) -> None:
    settings = Settings(project_dir=tmp_path, data_dir=tmp_path / "data")
    settings.build_path.parent.mkdir(parents=True)
    prepare_raw_tables(settings)
    reading = SourceRun(
        joulehouse_seeds.SOURCE, settings, Run.start(FIRST), loading=threading.Lock()
    )

    outcome = reading.fetch_and_load(lambda _: None)

    assert outcome.state == "failed"
    assert "accounting_parameters.csv" in outcome.error
