"""`dbt source freshness`: every source with limits that fit its cadence, and none fails unread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from flows.ingest import prepare_raw_tables
from flows.sources.registry import SOURCES
from warehouse.connections import build_connection
from warehouse.settings import Settings

DBT_DIR = Path(__file__).parents[2] / "dbt"
ASKED = {name: source for name, source in SOURCES.items() if not source.is_import_only}
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_every_source_is_listed_with_limits_beyond_its_cadence() -> None:
    text = (DBT_DIR / "models/staging/joulehouse/_freshness.yml").read_text(encoding="utf-8")
    (reads,) = yaml.safe_load(text)["sources"]
    tables = {table["name"]: table["config"]["freshness"] for table in reads["tables"]}

    assert set(tables) == {source_id.replace("-", "_") for source_id in ASKED}
    for source in ASKED.values():
        limits = tables[source.source_id.replace("-", "_")]
        warn, error = (
            timedelta(hours=limits[name]["count"]) for name in ("warn_after", "error_after")
        )
        assert source.cadence < warn < error
        assert f"source_id = '{source.source_id}'" in limits["filter"]


@pytest.mark.slow
def test_a_source_that_is_overdue_is_told_from_one_that_was_never_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.build_path.parent.mkdir(parents=True)
    prepare_raw_tables(settings)
    with build_connection(settings) as connection:
        for source_id, state, age_h in (
            ("energy-charts", "loaded", 1),
            ("gb-carbon-intensity", "unchanged", 30),
            ("gb-carbon-intensity", "failed", 1),
            ("eia", "loaded", 5),
        ):
            connection.execute(
                "insert into raw.source_runs by name select ? as source_id, ? as state, "
                "?::varchar as run_id, ?::timestamp as finished_at",
                [source_id, state, age_h, (NOW - timedelta(hours=age_h)).replace(tzinfo=None)],
            )
    answer = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), "source", "freshness"),
            *("--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)),
            *("--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")),
        ],
        env=os.environ
        | {
            "JOULEHOUSE_NOW": NOW.isoformat(),
            "JOULEHOUSE_AS_OF": NOW.isoformat(),
            "JOULEHOUSE_BUILD_PATH": str(settings.build_path),
            "DO_NOT_TRACK": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    results = json.loads((tmp_path / "target" / "sources.json").read_text())["results"]
    found = {result["unique_id"].split(".")[-1]: result["status"] for result in results}

    assert answer.returncode == 1, answer.stdout
    assert set(found) == {source_id.replace("-", "_") for source_id in ASKED}
    assert {name: status for name, status in found.items() if status != "pass"} == {
        "gb_carbon_intensity": "error",
        "eia": "warn",
    }
