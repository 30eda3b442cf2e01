"""``kill -9`` in the middle of a refresh: nothing lost, nothing doubled, nobody left behind."""

from __future__ import annotations

import os
import signal
import sqlite3

import psutil
import pytest

from warehouse.publishing import builds, current_build

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

FIRST_BUILD = "000001-20261122T120000Z"


def read_until(process, words: str) -> str:
    """What the process prints up to the line that holds these words."""
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return "".join(seen)
    pytest.fail(f"{words!r} was never printed: {''.join(seen)}")


def kill_at(workspace, until, words: str, **variables: str) -> None:
    """Start a refresh, kill it -9 as it prints ``words``, and wait until its tree is gone."""
    process = workspace.start("refresh", "--no-train", **variables)
    read_until(process, words)
    root = psutil.Process(process.pid)
    tree = [root, *root.children(recursive=True)]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    until(
        lambda: all(not one.is_running() or one.status() == "zombie" for one in tree),
        "the end of everything that the killed refresh had started",
    )


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        ("… ingest tiny", {"TINY_STUCK": "1"}),
        ("… dbt build", {"TINY_SLOW": "1"}),
        ("… publish", {}),
    ],
    ids=["load", "dbt", "publish"],
)
def test_a_killed_refresh_is_made_good_by_the_next(copied, until, words, variables):
    copied.put("tiny", "second.csv", "name,quantity\ndelta,3\n")
    kill_at(copied, until, words, **variables)

    # What is published is whole, and is the first build or (killed after the move) the second.
    assert copied.names() in (["alpha", "beta", "gamma"], ["alpha", "beta", "delta", "gamma"])
    before = copied.status()["builds"][0]["status"]
    assert before in ("crashed", "published")

    done = copied.run("refresh", "--no-train")
    assert done.returncode == 0, done.stdout + done.stderr
    assert copied.names() == ["alpha", "beta", "delta", "gamma"]
    loaded = copied.warehouse.query("select name from raw.tiny_values order by name")
    assert loaded["name"].to_list() == ["alpha", "beta", "delta", "gamma"]  # nothing doubled

    statuses = [build["status"] for build in copied.status()["builds"]]
    assert statuses[0] == "published"
    assert "running" not in statuses
    if before == "crashed":
        assert statuses[1] == "crashed"
        assert "marked as crashed" in done.stdout
        assert crashed_in_prefect(copied) == 1
    published = copied.settings.published_dir
    assert [path.name for path in published.iterdir() if path.name.endswith(".tmp")] == []
    assert current_build(copied.settings) == builds(copied.settings)[-1]


def crashed_in_prefect(workspace) -> int:
    connection = sqlite3.connect(workspace.settings.prefect_home / "prefect.db")
    try:
        return connection.execute(
            "select count(*) from flow_run where state_type = 'CRASHED'"
        ).fetchone()[0]
    finally:
        connection.close()


def test_a_second_refresh_beside_a_running_one_is_refused_and_harms_nothing(copied):
    copied.put("tiny", "second.csv", "name,quantity\ndelta,3\n")
    first = copied.start("refresh", "--no-train", TINY_SLOW="1")
    try:
        read_until(first, "… dbt build")
        second = copied.run("refresh", "--no-train")
        assert second.returncode == 1
        assert f"another process (pid {first.pid}) is writing the warehouse" in second.stderr
        assert copied.status()["builds"][0]["status"] == "running"
        first.send_signal(signal.SIGINT)
        output = first.stdout.read()
        assert first.wait(timeout=60) == 130, output
    finally:
        first.kill()
        first.wait()
        first.stdout.close()
    assert copied.status()["builds"][0]["status"] == "failed"
    assert copied.names() == ["alpha", "beta", "gamma"]
