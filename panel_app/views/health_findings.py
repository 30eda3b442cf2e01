"""Findings of the audit: how grave, where, what was expected, and what each rule means."""

from __future__ import annotations

from typing import Any

import panel as pn
import polars as pl
from panel.viewable import Viewable

from panel_app import blocks, controls
from panel_app import format as fmt
from panel_app.context import Context
from panel_app.queries import health as queries
from panel_app.tables import TableColumn, table

SEVERITIES = {
    "error": "cannot be true as it stands",
    "warning": "look before use",
    "info": "to know",
}
_TONES = {"error": "bad", "warning": "warn", "info": ""}


def in_words(finding_kind: str) -> str:
    """A kind as the page writes it."""
    return finding_kind.replace("_", " ")


def expected(row: dict[str, Any]) -> str:
    """What was found beside what was expected; a dash where it is no number."""
    found, lower, upper = row["observed_value"], row["expected_lower"], row["expected_upper"]
    if found is None:
        return "–"
    bounds = [None if bound is None else fmt.significant(bound) for bound in (lower, upper)]
    if bounds[0] == bounds[1]:
        limits = bounds[0] or ""
    elif bounds[1] is None:
        limits = f"{bounds[0]} or more"
    elif bounds[0] is None:
        limits = f"{bounds[1]} at most"
    else:
        limits = f"{bounds[0]} to {bounds[1]}"
    unit = "" if row["unit"] in (None, "1") else f" {row['unit']}"
    return f"{fmt.significant(found)}{unit}" + (f", expected {limits}" if limits else "")


class Findings:
    """The findings, filtered by how grave they are and by rule, with the meaning of the rule."""

    def __init__(self, context: Context) -> None:
        self.state = context.state.health
        frame = queries.findings(context.data)
        self.frame = frame.with_columns(
            pl.Series("expected", [expected(row) for row in frame.iter_rows(named=True)], pl.String)
        )
        self.rules = queries.finding_rules(context.data)
        self.found = blocks.stack()
        self.layout = self._card()
        self.state.param.watch(lambda _: self._show(), self.state.fields())
        self._show()

    def matching(self) -> pl.DataFrame:
        """The findings that pass the filters."""
        frame = self.frame
        if self.state.severity:
            frame = frame.filter(pl.col("severity") == self.state.severity)
        if self.state.finding:
            frame = frame.filter(pl.col("finding_kind") == self.state.finding)
        return frame

    def _card(self) -> Viewable:
        if not self.frame.height:
            return blocks.card(
                "Findings", blocks.empty("The audit found nothing", "Every rule was looked for.")
            )
        counts = dict(self.frame["severity"].value_counts().iter_rows())
        severities = {"all": ""} | {
            f"{name} ({fmt.count(counts.get(name, 0))})": name for name in SEVERITIES
        }
        kinds = {"all rules": ""} | {
            in_words(kind): kind for kind in self.frame["finding_kind"].unique().sort().to_list()
        }
        return blocks.card(
            "Findings",
            [
                blocks.tiles(
                    blocks.Tile(name.capitalize(), fmt.count(counts.get(name, 0)), meaning)
                    for name, meaning in SEVERITIES.items()
                ),
                pn.Row(
                    controls.one_of(self.state, "severity", severities, "How grave"),
                    controls.one_of(self.state, "finding", kinds, "Rule"),
                    sizing_mode="stretch_width",
                    styles={"gap": "12px"},
                    margin=0,
                ),
                self.found,
            ],
            subtitle="Things in the data that a reader should know. They flag: none changes a "
            "figure, none stops a build.",
            download=blocks.Download("joulehouse_findings.csv", self.matching),
        )

    def _show(self) -> None:
        matching = self.matching()
        if not matching.height:
            self.found.objects = [
                blocks.empty("No finding matches", "Choose another severity or rule.")
            ]
            return
        shown: list[Viewable] = []
        if self.state.finding:
            shown.extend(self._meaning())
        shown.append(
            table(
                matching,
                [
                    TableColumn("severity", "How grave", tone=lambda name: _TONES.get(name, "")),
                    TableColumn("finding_kind", "What", in_words),
                    TableColumn("subject", "Where"),
                    TableColumn("finding_count", "How many", fmt.count, is_numeric=True),
                    TableColumn("expected", "Found and expected"),
                    TableColumn("detail", "In words"),
                    TableColumn("table_name", "Table", is_code=True),
                    TableColumn("source_id", "Source", is_code=True),
                ],
                caption="Findings of the audit",
                page_rows=12,
            )
        )
        self.found.objects = shown

    def _meaning(self) -> list[Viewable]:
        rule = self.rules.filter(pl.col("finding_kind") == self.state.finding)
        return [
            blocks.banner(
                f"{blocks.text(row['meaning'])} From: {blocks.text(row['threshold'])} "
                f"Why: {blocks.text(row['reason'])}"
            )
            for row in rule.iter_rows(named=True)
        ]


def rules(context: Context) -> Viewable:
    """Every rule, those that found nothing too."""
    frame = queries.finding_rules(context.data)
    return blocks.card(
        "Rules of the audit",
        table(
            frame,
            [
                TableColumn("finding_kind", "Rule", in_words),
                TableColumn("severity", "How grave", tone=lambda name: _TONES.get(name, "")),
                TableColumn("found_count", "Findings", fmt.count, is_numeric=True),
                TableColumn("meaning", "What it means"),
                TableColumn("threshold", "From"),
                TableColumn("reason", "Why"),
            ],
            caption="Rules of the audit",
            page_rows=10,
        ),
        subtitle="A rule without a finding was looked for and found nothing.",
        download=blocks.Download("joulehouse_finding_rules.csv", lambda: frame),
    )
