"""The journal of runs: one small JSON document a run, readable while a writer is at work.

It is the record of what happened, also when a run failed before it could write to the warehouse;
:func:`warehouse.loading.record_builds` copies it into ``raw.builds`` for the marts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from warehouse.errors import LandingError
from warehouse.files import write_atomically
from warehouse.run import Run
from warehouse.settings import Settings

Status = Literal["running", "published", "finished", "failed", "crashed"]


@dataclass(frozen=True)
class SourceOutcome:
    """What one run did with one source.

    ``partial``: some of it failed, the rest is loaded; ``paused``: it failed too often lately and
    was left alone; ``no_key``: it needs a key that is not set.
    """

    source_id: str
    state: Literal["loaded", "unchanged", "partial", "failed", "paused", "no_key"]
    started_at: str
    finished_at: str
    row_count: int = 0
    quarantined_count: int = 0
    error: str = ""


@dataclass(frozen=True)
class RunRecord:
    """One run of a writing flow. Instants are ISO 8601 texts in UTC."""

    run_id: str
    flow: str
    as_of: str
    started_at: str
    status: Status = "running"
    pid: int = 0
    flow_run_id: str = ""
    build_id: str = ""
    published_at: str = ""
    duration_s: float | None = None
    error: str = ""
    sources: tuple[SourceOutcome, ...] = field(default=())


class Journal:
    """The documents under ``settings.runs_dir``."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.runs_dir

    def begin(self, run: Run, flow: str, *, flow_run_id: str = "") -> RunRecord:
        """Write that a run has begun in this process."""
        return self.write(
            RunRecord(
                run_id=run.run_id,
                flow=flow,
                as_of=run.as_of.isoformat(),
                started_at=run.as_of.isoformat(),
                pid=os.getpid(),
                flow_run_id=flow_run_id,
            )
        )

    def write(self, record: RunRecord) -> RunRecord:
        """Write a run's document, replacing what it said before."""
        content = json.dumps(asdict(record), indent=2).encode()
        write_atomically(self._folder / f"{record.run_id}.json", content)
        return record

    def update(self, record: RunRecord, **changes: Any) -> RunRecord:  # noqa: ANN401
        """Write ``record`` with some fields changed."""
        return self.write(replace(record, **changes))

    def records(self) -> list[RunRecord]:
        """Every run, oldest first.

        Raises:
            LandingError: a document is not one of ours.
        """
        found = []
        for path in self._folder.glob("*.json"):
            try:
                document = json.loads(path.read_bytes())
                outcomes = tuple(SourceOutcome(**item) for item in document.pop("sources"))
                found.append(RunRecord(**document, sources=outcomes))
            except FileNotFoundError:  # pruned while we were reading
                continue
            except (ValueError, KeyError, TypeError) as error:
                raise LandingError(
                    f"the run document {path.name} cannot be read: {error}.",
                    remedy="Delete it: it is a record only, no data depend on it.",
                ) from error
        return sorted(found, key=lambda record: (record.started_at, record.run_id))

    def mark_crashed(self, *, except_run_id: str) -> list[RunRecord]:
        """Mark as crashed every run that still says ``running``, but one.

        Call it only while holding the writer lock: then no other writer is alive.

        Returns:
            The runs that were marked.
        """
        dead = [
            record
            for record in self.records()
            if record.status == "running" and record.run_id != except_run_id
        ]
        message = f"the process (pid {{}}) ended without a word; noticed by run {except_run_id}"
        return [
            self.update(record, status="crashed", error=message.format(record.pid))
            for record in dead
        ]

    def forget(self, run_ids: Iterable[str]) -> None:
        """Remove documents."""
        for run_id in run_ids:
            (self._folder / f"{run_id}.json").unlink(missing_ok=True)
