"""Health: are the sources fresh, what was rejected, which builds and models are there."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
from panel.viewable import Viewable

from panel_app import blocks
from panel_app import format as fmt
from panel_app.boundary import guarded
from panel_app.context import Context
from panel_app.queries import health as queries
from panel_app.queries import overview
from panel_app.sources import vintage_pills
from panel_app.tables import Table, TableColumn, table

_STATE_TONES = {
    "loaded": "good",
    "unchanged": "good",
    "with the code": "good",
    "published": "good",
    "running": "warn",
    "late": "warn",
    "failed": "bad",
    "crashed": "bad",
    "never": "bad",
}
# A source may be late by half its cadence before it is called late.
_GRACE = 1.5


def render(context: Context) -> Viewable:
    """The page."""
    data = context.data
    now = context.clock()
    return blocks.stack(
        guarded(
            "The head of the page",
            lambda: blocks.heading(
                "Health",
                "Whether the data came in, what was turned away and why, and which builds and "
                "models stand behind the figures.",
                vintage_pills(context),
            ),
        ),
        guarded("The summary", lambda: _summary(context)),
        guarded(
            "Sources",
            lambda: blocks.card(
                "Sources",
                sources_table(overview.freshness(data), now),
                download=blocks.Download(
                    "joulehouse_sources.csv", lambda: overview.freshness(data)
                ),
            ),
        ),
        guarded("Builds", lambda: _builds(context)),
        guarded("Models", lambda: _models(context)),
        guarded("Findings", lambda: _findings(context)),
        guarded("Quarantine", lambda: _quarantine(context)),
    )


def sources_table(frame: pl.DataFrame, now: datetime) -> Table:
    """Sources with their state in words and colour."""
    rows = frame.with_columns(
        pl.Series("state", [source_state(row, now) for row in frame.iter_rows(named=True)])
    )
    return table(
        rows,
        [
            TableColumn("title", "Source", link_column="homepage_url"),
            TableColumn("state", "State", tone=lambda state: _STATE_TONES.get(state, "")),
            TableColumn("last_success_at", "Last success", lambda at: fmt.age(at, now)),
            TableColumn("row_count", "Rows", fmt.count, is_numeric=True),
            TableColumn("quarantined_count", "Quarantined", fmt.count, is_numeric=True),
        ],
        caption="Sources, their state and freshness",
    )


def source_state(row: dict[str, object], now: datetime) -> str:
    """``loaded``, ``unchanged``, ``failed``, ``late``, ``never`` or ``with the code``."""
    last, cadence_h = row["last_success_at"], row["cadence_h"]
    if row["last_state"] == "failed":
        return "failed"
    if cadence_h is None and last is None and row["last_state"] is not None:
        # Tables that are part of the repository are never fetched.
        return "with the code"
    if not isinstance(last, datetime):
        return "never"
    if isinstance(cadence_h, (int, float)) and now - last > _GRACE * timedelta(hours=cadence_h):
        return "late"
    return str(row["last_state"] or "loaded")


def _summary(context: Context) -> Viewable:
    sources = overview.freshness(context.data)
    states = [source_state(row, context.clock()) for row in sources.iter_rows(named=True)]
    good = sum(_STATE_TONES.get(state) == "good" for state in states)
    findings = queries.findings(context.data)
    quarantined = int(sources["quarantined_count"].fill_null(0).sum())
    champions = queries.models(context.data).filter(pl.col("is_champion")).height
    return blocks.tiles(
        [
            blocks.Tile(
                "Sources in order",
                f"{good} of {len(states)}",
                "came in at their last attempt and are not late",
            ),
            blocks.Tile(
                "Rows in quarantine", fmt.count(quarantined), "could not be read; listed below"
            ),
            blocks.Tile(
                "Findings", fmt.count(findings.height), "things the audit noticed in the data"
            ),
            blocks.Tile("Models in use", fmt.count(champions), "one champion per task"),
        ]
    )


def _builds(context: Context) -> Viewable:
    frame = queries.builds(context.data)
    if not frame.height:
        return blocks.card("Builds", blocks.empty("No build is recorded", "Run a refresh."))
    return blocks.card(
        "Builds",
        table(
            frame,
            [
                TableColumn("build_id", "Build", is_code=True),
                TableColumn("status", "State", tone=lambda state: _STATE_TONES.get(state, "")),
                TableColumn("as_of", "As of", fmt.instant),
                TableColumn("published_at", "Published", fmt.instant),
                TableColumn("duration_s", "Took", _seconds, is_numeric=True),
                TableColumn("error", "Error"),
            ],
            caption="Builds of the warehouse",
            page_rows=10,
        ),
        subtitle="A build is published only when all of its tests pass; until then the one before "
        "stays in place.",
        download=blocks.Download("joulehouse_builds.csv", lambda: frame),
    )


def _models(context: Context) -> Viewable:
    frame = queries.models(context.data)
    if not frame.height:
        return blocks.card(
            "Models",
            blocks.empty(
                "No model was trained yet",
                "Predictions use published formulas until one is. Train with:",
                "joulehouse refresh",
            ),
        )
    return blocks.card(
        "Models",
        table(
            frame,
            [
                TableColumn("task", "Task"),
                TableColumn("method", "Method", lambda name: name.replace("_", " ")),
                TableColumn(
                    "is_champion",
                    "Role",
                    lambda champion: "champion" if champion else "challenger",
                    tone=lambda champion: "good" if champion else "",
                ),
                TableColumn("true_row_count", "True rows", fmt.count, is_numeric=True),
                TableColumn("true_group_count", "True groups", fmt.count, is_numeric=True),
                TableColumn("interval_kind", "Interval"),
                TableColumn("trained_at", "Trained", fmt.instant),
                TableColumn("model_version", "Version", is_code=True),
            ],
            caption="Model versions",
            page_rows=12,
        ),
        subtitle="An interval is conformal only where at least ten true groups calibrate it; else "
        "it is an assumed range.",
        download=blocks.Download("joulehouse_models.csv", lambda: frame),
    )


def _findings(context: Context) -> Viewable:
    frame = queries.findings(context.data)
    if not frame.height:
        return blocks.card("Findings", blocks.empty("The audit found nothing", "All tests passed."))
    return blocks.card(
        "Findings",
        table(
            frame,
            [
                TableColumn("finding_kind", "What", lambda kind: kind.replace("_", " ")),
                TableColumn("subject", "Where"),
                TableColumn("finding_count", "How many", fmt.count, is_numeric=True),
                TableColumn("detail", "In words"),
                TableColumn("table_name", "Table", is_code=True),
            ],
            caption="Findings of the audit",
            page_rows=12,
        ),
        subtitle="Things in the data that a reader should know; none of them stops a build.",
        download=blocks.Download("joulehouse_findings.csv", lambda: frame),
    )


def _quarantine(context: Context) -> Viewable:
    frame = queries.quarantine(context.data)
    if not frame.height:
        return blocks.card(
            "Quarantine",
            blocks.empty(
                "No row is in quarantine", "Every row of every source could be read this time."
            ),
        )
    return blocks.card(
        "Quarantine",
        table(
            frame,
            [
                TableColumn("source_id", "Source"),
                TableColumn("table_name", "Table", is_code=True),
                TableColumn("location", "Where"),
                TableColumn("column_name", "Column", is_code=True),
                TableColumn("offending_value", "Value", is_code=True),
                TableColumn("reason", "Reason"),
                TableColumn("quarantined_at", "Since", fmt.instant),
            ],
            caption="Rows in quarantine",
            page_rows=15,
        ),
        subtitle="Rows that could not be read are kept here with the reason; none is dropped in "
        "silence.",
        download=blocks.Download("joulehouse_quarantine.csv", lambda: frame),
    )


def _seconds(duration_s: float) -> str:
    return fmt.duration(duration_s / 3600)
