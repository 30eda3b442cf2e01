"""A run against the local providers that is killed, and keys that careless providers repeat."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import psutil
import pytest
import zstandard

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

COMMAND = Path(__file__).with_name("live_joulehouse.py")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _start(workspace, server, live, now: datetime) -> subprocess.Popen[str]:
    server.world.now = now
    return subprocess.Popen(
        [sys.executable, "-P", str(COMMAND), "refresh", "--no-train", "--as-of", now.isoformat()],
        env=os.environ | workspace.environment | live.variables(server),
        cwd=workspace.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _kill_when(process: subprocess.Popen[str], condition, until) -> str:
    """Kill -9 at once when the condition holds, with all that it had started; what it printed."""
    until(lambda: condition() or process.poll() is not None, "the moment to kill")
    tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    assert process.poll() is None, process.communicate()[0]
    os.kill(process.pid, signal.SIGKILL)
    output, _ = process.communicate()
    until(
        lambda: all(not one.is_running() or one.status() == "zombie" for one in tree),
        "the end of everything that the killed refresh had started",
    )
    return output


def test_killed_run_loses_and_doubles_nothing_and_no_key_is_written(
    workspace, provider_server, live, live_truth, until
):
    server = provider_server
    # Careless providers: two repeat the request in their bodies, one the key in its errors.
    server.faults.add("eia", "echo_secrets")
    server.faults.add("watttime", "echo_secrets", path_part="/v3")
    key = server.state("electricity-maps").key
    server.faults.add("electricity-maps", "401", message=f"{key} is no key")
    # Killed while it fetches: GB's answers are there, ENTSO-E's are not.
    slow = server.faults.add("entsoe", "slow", seconds=60)
    first = _start(workspace, server, live, NOON - DAY)
    printed = _kill_when(
        first, lambda: server.requests("entsoe") and server.requests("gb-carbon-intensity"), until
    )
    slow.times = 0
    # The providers went on; the next run makes good what the killed one left undone.
    second = _start(workspace, server, live, NOON)
    output, _ = second.communicate(timeout=240)
    assert second.returncode == 0, output
    assert "electricity-maps" in output  # it failed, and that is said
    server.faults.clear()
    path = workspace.settings.build_path
    _same_rows(path, server, live_truth)
    _written_nowhere(server, workspace.folder / "data", printed + output)


def _same_rows(path: Path, server, live_truth) -> None:
    """The newest version of each row is the provider's, and there is one version of each."""
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "select source_id, interval_start_at, carbon_intensity_gco2e_per_kwh "
            "from raw.grid_intensities where source_id = 'gb-carbon-intensity'"
        ).fetchall()
        mixes = connection.execute(
            "select source_id, interval_start_at, production_type, generation_mw "
            "from raw.grid_generation where source_id in ('eia', 'entsoe')"
        ).fetchall()
    found = {live_truth.in_utc(key): value for *key, value in rows}
    begin = min(at for _, at in found)
    assert begin <= NOON - 14 * DAY
    assert found == live_truth.half_hours(server, begin, NOON)
    assert len(found) == len(rows)
    mix = {live_truth.in_utc(key): value for *key, value in mixes}
    assert len(mix) == len(mixes)
    truth = live_truth.generation(server, NOON - 13 * DAY, NOON)
    assert {key: mix.get(key) for key in truth if key[0] in ("eia", "entsoe")} == {
        key: value for key, value in truth.items() if key[0] in ("eia", "entsoe")
    }


def _written_nowhere(server, folder: Path, printed: str) -> None:
    """No secret is in any file, whatever form the file has, nor was printed."""
    secrets = [*server.secrets(), *server.state("watttime").tokens]
    assert len(secrets) > 6
    leaks = [f"{secret} printed" for secret in secrets if secret in printed]
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        body = path.read_bytes()
        if path.suffix == ".zst":
            body = zstandard.ZstdDecompressor().stream_reader(body).read()
        if path.suffix == ".duckdb":
            body += _all_text(path).encode()
        leaks += [f"{secret} in {path}" for secret in secrets if secret.encode() in body]
    assert leaks == []
    kinds = {path.suffix for path in files}
    assert {".zst", ".duckdb", ".json", ".db"} <= kinds, kinds


def _all_text(path: Path) -> str:
    """Every text of every table: DuckDB compresses what it stores."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where data_type like '%VARCHAR%' and not internal"
        ).fetchall()
        texts = [
            str(connection.execute(f'select distinct "{c}" from "{s}"."{t}"').fetchall())
            for s, t, c in columns
        ]
    return "\n".join(texts)
