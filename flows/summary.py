"""A run in Markdown, for the Prefect UI."""

from __future__ import annotations

from collections.abc import Sequence

from flows.progress import Step
from warehouse.journal import RunRecord


def markdown_summary(record: RunRecord, steps: Sequence[Step]) -> str:
    """What the run did: its outcome, its steps with their durations, and each source."""
    parts = [_head(record), _steps(steps), _sources(record)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(record: RunRecord) -> str:
    lines = [f"# {record.flow} {record.status}", "", f"- run `{record.run_id}`"]
    lines.append(f"- as of {record.as_of}")
    if record.build_id:
        lines.append(f"- build `{record.build_id}`")
    if record.published_at:
        lines.append(f"- published at {record.published_at}")
    if record.duration_s is not None:
        lines.append(f"- took {record.duration_s:,.1f} s")
    if record.error:
        lines += ["", "```", record.error, "```"]
    return "\n".join(lines)


def _steps(steps: Sequence[Step]) -> str:
    rows = [(one.name, one.mark, one.detail, f"{one.duration_s:,.1f}") for one in steps]
    return _table("Steps", ("step", "outcome", "what it did", "seconds"), rows)


def _sources(record: RunRecord) -> str:
    rows = [
        (
            outcome.source_id,
            outcome.state,
            f"{outcome.row_count:,}",
            f"{outcome.quarantined_count:,}",
            outcome.error,
        )
        for outcome in record.sources
    ]
    return _table("Sources", ("source", "state", "rows", "quarantined", "error"), rows)


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [f"## {title}", "", _row(names), _row(["---"] * len(names))]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"
