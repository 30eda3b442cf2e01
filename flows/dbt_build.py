"""Running dbt: a tethered process of its own, because dbt in process keeps the DuckDB file open."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.progress import Step
from flows.tether import end_child, start_child
from warehouse.errors import TransformError
from warehouse.run import Run
from warehouse.settings import Settings

_SHOWN_FAILURES = 8
_LAST_LINES = 15
_POLL_S = 0.2
_ENDING_S = 30.0  # from the last line to the end of the process
_LONGEST_REASON = 400


@dataclass
class DbtResult:
    """How many nodes ended in which way, and what the failing ones said."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Nodes that dbt ran or skipped."""
        return self.counts.get("total", 0)

    def summary(self) -> str:
        """The counts in a few words."""
        names = {"warn": "warnings", "error": "failed", "skip": "skipped"}
        parts = [f"{self.counts.get('pass', 0)} of {self.total} nodes passed"]
        parts += [
            f"{self.counts[key]} {name}" for key, name in names.items() if self.counts.get(key)
        ]
        return ", ".join(parts)


def dbt_build(
    settings: Settings,
    run: Run,
    build_id: str,
    current: Step,
    *,
    selection: Sequence[str] = (),
    full_refresh: bool = False,
) -> DbtResult:
    """Run ``dbt build`` on the build file: functions, seeds, models and all of their tests.

    Args:
        settings: Where things live.
        run: Gives dbt its clock (``env_var('JOULEHOUSE_AS_OF')``).
        build_id: The build that this will become.
        current: The step that is told how far dbt is.
        selection: Options such as ``("--exclude", "tag:predictions")``.
        full_refresh: Rebuild incremental models from nothing.

    Raises:
        TransformError: a node or a test failed, or dbt did not end in time. The message names
            the nodes and what they said.
    """
    arguments = [
        "build",
        *selection,
        *(["--full-refresh"] if full_refresh else []),
        *_folders(settings),
        *("--log-format", "json", "--log-format-file", "debug"),
        "--no-version-check",
        "--no-use-colors",
    ]
    child = start_child(
        "dbt.cli.main:cli",
        arguments,
        environment=_environment(settings, run, build_id),
        folder=settings.project_dir,
        output=subprocess.PIPE,
    )
    try:
        result, last_lines = _follow(_lines(child, settings.dbt_timeout_s), current)
    finally:
        end_child(child)
    if child.returncode != 0:
        raise _failure(result, last_lines, child.returncode, settings)
    return result


def stale_sources(settings: Settings, run: Run, build_id: str) -> dict[str, float]:
    """``dbt source freshness``: sources that are older than their limits, and their age in hours.

    A source that was never read has no age and is not among them.

    Raises:
        TransformError: dbt did not end in time, or gave no result.
    """
    results = settings.dbt_target_dir / "sources.json"
    results.unlink(missing_ok=True)
    child = start_child(
        "dbt.cli.main:cli",
        ["source", "freshness", *_folders(settings), "--no-version-check", "--quiet"],
        environment=_environment(settings, run, build_id)
        | {"JOULEHOUSE_NOW": run.now().isoformat()},
        folder=settings.project_dir,
        output=subprocess.PIPE,
    )
    try:
        last_lines = [line.rstrip() for line in _lines(child, settings.dbt_timeout_s)]
    finally:
        end_child(child)
    try:
        document = json.loads(results.read_bytes())
    except (FileNotFoundError, ValueError):
        raise _failure(DbtResult(), last_lines[-_LAST_LINES:], child.returncode, settings) from None
    return {
        result["unique_id"].split(".")[-1].replace("_", "-"): round(
            result["max_loaded_at_time_ago_in_s"] / 3600, 1
        )
        for result in document["results"]
        if result["status"] in ("warn", "error")
    }


def _lines(child: subprocess.Popen[bytes], timeout_s: float) -> Iterator[str]:
    """What the child prints, line by line, until it ends.

    A thread reads, because a main thread that waits in a read does not hear Ctrl-C once Polars has
    installed its own signal handler.

    Raises:
        TransformError: it did not end in time.
    """
    lines: queue.Queue[bytes | None] = queue.Queue()

    def read() -> None:
        assert child.stdout is not None
        for line in child.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, name="dbt-output", daemon=True).start()
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            line = lines.get(timeout=_POLL_S)
        except queue.Empty:
            if time.monotonic() < deadline:
                continue
            raise TransformError(
                f"dbt did not end within {timeout_s:g} s.",
                remedy="JOULEHOUSE_DBT_TIMEOUT_S gives it more time.",
            ) from None
        if line is None:
            child.wait(timeout=_ENDING_S)
            return
        yield line.decode(errors="replace")


def _folders(settings: Settings) -> list[str]:
    return [
        *("--project-dir", str(settings.dbt_dir)),
        *("--profiles-dir", str(settings.dbt_dir)),
        *("--target-path", str(settings.dbt_target_dir)),
        *("--log-path", str(_log_folder(settings))),
    ]


def _log_folder(settings: Settings) -> Path:
    return settings.logs_dir / "dbt"


def _environment(settings: Settings, run: Run, build_id: str) -> dict[str, str]:
    # What differs from run to run comes as environment variables: dbt then reads again only the
    # files that name them, while other `--vars` than last time make it parse the whole project.
    return {
        "JOULEHOUSE_AS_OF": run.as_of.isoformat(),
        "JOULEHOUSE_BUILD_ID": build_id,
        "JOULEHOUSE_RUN_ID": run.run_id,
        "JOULEHOUSE_BUILD_PATH": str(settings.build_path),
        "JOULEHOUSE_DUCKDB_THREADS": str(settings.duckdb_threads),
        "JOULEHOUSE_DUCKDB_MEMORY_LIMIT": settings.duckdb_memory_limit,
        "JOULEHOUSE_DBT_THREADS": str(settings.duckdb_threads),
        "DO_NOT_TRACK": "1",
    }


def _follow(lines: Iterable[str], current: Step) -> tuple[DbtResult, list[str]]:
    """Read dbt's log to its end, telling ``current`` how far it is."""
    result = DbtResult()
    last_lines: list[str] = []
    for line in lines:
        try:
            event = json.loads(line)
            name, level, message = (event["info"][key] for key in ("name", "level", "msg"))
        except (ValueError, KeyError, TypeError):
            last_lines.append(line.rstrip())  # not an event: what a dying interpreter says
            continue
        data: dict[str, Any] = event["data"]
        if name == "StatsLine":
            result.counts = data["stats"]
        elif name == "RunResultError":
            result.failures[_node(data)] = _one_line(message)
        elif name == "RunResultWarningMessage":
            result.warnings[_node(data)] = _one_line(message)
        elif name == "LogStartLine":
            current.advance(f"{data['index']} of {data['total']} nodes")
        elif level == "error" and message.strip():
            last_lines.append(_one_line(message))
        del last_lines[:-_LAST_LINES]
    return result, last_lines


def _node(data: dict[str, Any]) -> str:
    return str(data.get("node_info", {}).get("unique_id", "dbt"))


def _one_line(message: str) -> str:
    """The message without dbt's list of macros, on one line and not too long."""
    text = " ".join(message.split())
    for marker in (" > in macro ", " > called by "):
        text = text.split(marker)[0]
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}…"


def _failure(
    result: DbtResult, last_lines: list[str], status: int, settings: Settings
) -> TransformError:
    reasons = [f"{node}: {text}" for node, text in result.failures.items()]
    reasons = reasons or last_lines or [f"it ended with status {status}"]
    shown = "\n  ".join(reasons[:_SHOWN_FAILURES])
    more = len(reasons) - _SHOWN_FAILURES
    rest = f"\n  and {more} more" if more > 0 else ""
    counts = f" ({result.summary()})" if result.total else ""
    log = _log_folder(settings) / "dbt.log"
    return TransformError(
        f"dbt failed{counts}: {shown}{rest}",
        remedy=f"\nThe last published build stays current. The full log: {log}",
    )
