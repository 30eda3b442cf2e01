"""Where a number comes from and how old it is, in one line beside it."""

from __future__ import annotations

from panel_app import blocks
from panel_app import format as fmt
from panel_app.context import Context
from panel_app.queries.overview import source_titles


def cited(context: Context, source_ids: list[str], *, note: str = "") -> str:
    """A line (markup) that names the sources with links; unknown ids are shown as they are."""
    titles = source_titles(context.data)
    names = [
        blocks.link(*titles[source_id]) if source_id in titles else blocks.text(source_id)
        for source_id in sorted(source_ids)
    ]
    line = f"Source: {', '.join(names)}." if names else ""
    return f"{line} {note}".strip()


def vintage_pills(context: Context) -> list[str]:
    """Which build is shown, and the time up to which it knows."""
    pills = [blocks.pill(f"Build {blocks.text(context.data.build_id)}")]
    as_of = context.data.as_of()
    if as_of is not None:
        pills.append(blocks.pill(f"As of {fmt.instant(as_of)} ({fmt.age(as_of, context.clock())})"))
    return pills
