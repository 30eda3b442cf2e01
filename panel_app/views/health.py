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
from panel_app.sources import vintage_pills
from panel_app.tables import Table, TableColumn, table
from panel_app.views import health_findings
from warehouse.freshness import latest_age
from warehouse.problems import Problem

_STATE_TONES = {
    "loaded": "good",
    "unchanged": "good",
    "with the code": "good",
    "published": "good",
    "running": "warn",
    "late": "warn",
    "in part": "warn",
    "left alone": "bad",
    "failed": "bad",
    "crashed": "bad",
    "never": "bad",
}
# States of a run, as the page says them.
_WORDS = {"partial": "in part", "paused": "left alone", "no_key": "no key"}


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
        guarded("Problems", lambda: problems_card(queries.problems(data))),
        guarded(
            "Sources",
            lambda: blocks.card(
                "Sources",
                sources_table(queries.sources(data), now),
                subtitle="How old each is beside how often it is asked. One that fails again and "
                "again is left alone for a while; one without its key is left out. Which keys are "
                "set, <code>joulehouse sources</code> says: this page does not look.",
                download=blocks.Download("joulehouse_sources.csv", lambda: queries.sources(data)),
            ),
        ),
        guarded("Builds", lambda: _builds(context)),
        guarded("Models", lambda: _models(context)),
        guarded("Findings", lambda: health_findings.Findings(context).layout),
        guarded("Rules", lambda: health_findings.rules(context)),
        guarded("Quarantine", lambda: _quarantine(context)),
    )


def problems_card(problems: list[Problem]) -> Viewable:
    """What is amiss and what to do, or that nothing is."""
    if not problems:
        return blocks.card(
            "Problems",
            blocks.empty(
                "Nothing is known to be amiss",
                "The watch of the schedules looks every ten minutes while they are served.",
            ),
        )
    rows = pl.DataFrame(
        [
            {
                "title": problem.title,
                "since": datetime.fromisoformat(problem.since) if problem.since else None,
                "detail": problem.detail,
                "remedy": problem.remedy.replace("`", ""),
            }
            for problem in problems
        ]
    )
    return blocks.card(
        "Problems",
        table(
            rows,
            [
                TableColumn("title", "What", tone=lambda _: "bad"),
                TableColumn("since", "Since", fmt.instant),
                TableColumn("detail", "In words"),
                TableColumn("remedy", "What to do"),
            ],
            caption="What is amiss now",
        ),
        subtitle="Each is told once to whom the settings name, and once when it is over.",
    )


def sources_table(frame: pl.DataFrame, now: datetime) -> Table:
    """Sources with their age against their cadence, and their state in words and colour."""
    rows = frame.with_columns(
        pl.Series("state", [source_state(row, now) for row in frame.iter_rows(named=True)])
    )
    return table(
        rows,
        [
            TableColumn("title", "Source", link_column="homepage_url"),
            TableColumn("state", "State", tone=lambda state: _STATE_TONES.get(state, "")),
            TableColumn("last_success_at", "Last success", lambda at: fmt.age(at, now)),
            TableColumn("cadence_h", "Asked every", fmt.duration),
            TableColumn("row_count", "Rows", fmt.count, is_numeric=True),
            TableColumn("quarantined_count", "Quarantined", fmt.count, is_numeric=True),
            TableColumn("last_error", "Last error"),
        ],
        caption="Sources, their state and freshness",
    )


def source_state(row: dict[str, object], now: datetime) -> str:
    """The newest run's outcome in words, ``late``, ``never`` or ``with the code``.

    Late is what the alerts call stale: see ``warehouse/freshness.py``.
    """
    last, cadence_h, newest = row["last_success_at"], row["cadence_h"], row["last_state"]
    if newest in ("failed", "paused", "no_key"):
        return _WORDS.get(str(newest), "failed")
    if cadence_h is None and last is None and newest is not None:
        # Tables that are part of the repository are never fetched.
        return "with the code"
    if not isinstance(last, datetime):
        return "never"
    if isinstance(cadence_h, (int, float)):
        limit = latest_age(timedelta(hours=cadence_h))
        if now - last > limit:
            return "late"
    return _WORDS.get(str(newest), str(newest or "loaded"))


def _summary(context: Context) -> Viewable:
    sources = queries.sources(context.data)
    states = [source_state(row, context.clock()) for row in sources.iter_rows(named=True)]
    # A source that waits for a key of ours is neither well nor ill.
    states = [state for state in states if state != _WORDS["no_key"]]
    good = sum(_STATE_TONES.get(state) == "good" for state in states)
    findings = queries.findings(context.data)
    errors = findings.filter(pl.col("severity") == "error").height
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
                "Findings",
                fmt.count(findings.height),
                f"of them {fmt.count(errors)} that cannot be true as they stand",
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
