"""What the command says before it does anything: help, usage, exit status."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

COMMANDS = (
    *("up", "refresh", "sources", "backfill", "import", "status", "predict", "sql", "doctor"),
    *("export", "prune"),
)


def test_help_lists_every_command(joulehouse):
    done = joulehouse("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f" {command} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example(joulehouse, command: str):
    done = joulehouse(command, "--help")
    assert done.returncode == 0
    assert f"Example: joulehouse {command}" in " ".join(done.stdout.split())


def test_help_imports_nothing_heavy():
    heavy = "prefect", "polars", "duckdb", "sklearn", "panel"
    code = f"import sys, flows.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("refresh", "--as-of", "yesterday"), "'yesterday' is not an instant"),
        (("refresh", "--source", "nobody"), "there is no source 'nobody'"),
        (("predict", "training", "--input", "absent.csv"), "absent.csv cannot be read"),
        (("predict", "training", "--interval", "1.5"), "level 1.5 does not exist"),
        (("predict", "cooking"), "cooking"),
        (("sql", "  ;  "), "there is no statement"),
        (("up", "--dashboard-port", "70000"), "65535"),
        (
            ("backfill", "huggingface", "--from", "2026-01-01"),
            "source 'huggingface' has no history",
        ),
        (("backfill", "gb-carbon-intensity"), "--from"),
        (("import", "nobody", "."), "there is no source 'nobody'"),
        (("import", "owid", "absent.csv"), "absent.csv is not there"),
        (("import", "owid", ".", "--about", "country"), "'country' is not KEY=VALUE"),
        (("dance",), "dance"),
    ],
)
def test_what_cannot_be_asked_ends_with_status_2_and_says_why(joulehouse, arguments, words):
    done = joulehouse(*arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_used_is_named(joulehouse):
    done = joulehouse("status", JOULEHOUSE_DASHBOARD_PORT="many")
    assert done.returncode == 2
    assert "JOULEHOUSE_DASHBOARD_PORT='many' cannot be used" in done.stderr


@pytest.mark.parametrize("arguments", [("sql", "select 1")], ids=["sql"])
def test_without_a_published_warehouse_it_says_what_to_do(joulehouse, arguments):
    done = joulehouse(*arguments)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: no warehouse has been published yet.",
        "Run `joulehouse refresh` first.",
    ]


def test_verbose_shows_where_an_error_came_from(joulehouse):
    done = joulehouse("--verbose", "sql", "select 1")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "NotPublishedError" in done.stderr


def test_status_before_the_first_refresh_knows_every_source(joulehouse):
    done = joulehouse("status", "--json")
    assert done.returncode == 0
    status = json.loads(done.stdout)
    assert set(status) == {"sources", "builds", "models", "problems"}
    assert {source["state"] for source in status["sources"]} == {"never"}
    assert set(status["sources"][0]) == {
        *("source_id", "last_success_at", "row_count", "quarantined_count", "lag_s", "state"),
        *("is_late", "circuit", "retry_at", "error"),
    }
    assert (status["builds"], status["models"], status["problems"]) == ([], [], [])


def test_sources_are_listed_as_json_and_as_a_table(joulehouse):
    rows = json.loads(joulehouse("sources", "--json").stdout)
    shown = joulehouse("sources")
    assert shown.returncode == 0
    assert all(row["source_id"] in shown.stdout for row in rows)
    needing = [row for row in rows if row["key_state"] == "missing"]
    assert all(f"{row['source_id']} is left out: it needs" in shown.stdout for row in needing)


def test_prune_of_nothing_removes_nothing(joulehouse):
    done = joulehouse("prune")
    assert done.returncode == 0
    assert done.stdout == "removed 0 things, 0.0 MB\n"
