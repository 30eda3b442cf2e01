"""Findings on the Health page: counted by severity, filtered, and explained by their rule."""

from __future__ import annotations

from datetime import UTC, datetime

import panel as pn
import pytest

from panel_app.app import App, Session
from panel_app.predictions import ModelPredictor
from panel_app.queries import health
from panel_app.tables import Table
from panel_app.views.health_findings import expected

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def session_on(data, query: str = "") -> Session:
    return Session(App(data, ModelPredictor(), clock=lambda: NOW), "health", query)


def findings_shown(session: Session) -> list[list[str]]:
    [shown] = [
        one for one in session.layout.select(Table) if one.caption == "Findings of the audit"
    ]
    return [[cell["text"] for cell in row] for row in shown.rows]


def text_of(session: Session) -> str:
    return " ".join(str(pane.object) for pane in session.layout.select(pn.pane.HTML))


@pytest.mark.parametrize(
    ("found", "lower", "upper", "unit", "text"),
    [
        (640.0, 12.8, 352.0, "kWh", "640 kWh, expected 12.8 to 352"),
        (0.9, 1.0, None, "1", "0.9, expected 1 or more"),
        (6.0, 3.0, 3.0, "kWh", "6 kWh, expected 3"),
        (12.0, None, 10.0, "kWh", "12 kWh, expected 10 at most"),
        (0.25, None, None, "kgCO2e", "0.25 kgCO2e"),
        (None, 0.0, 1.0, None, "–"),
    ],
)
def test_what_was_found_stands_beside_what_was_expected(found, lower, upper, unit, text):
    row = {"observed_value": found, "expected_lower": lower, "expected_upper": upper, "unit": unit}
    assert expected(row) == text


def test_the_gravest_findings_come_first(example_data):
    assert [row[0] for row in findings_shown(session_on(example_data))] == ["error", "info"]


def test_findings_are_filtered_by_severity_and_rule(example_data):
    session = session_on(example_data, "?severity=info")
    assert [row[1] for row in findings_shown(session)] == ["unknown tdp"]
    session.state.health.severity = ""
    session.state.health.finding = "emissions_impossible"
    assert [row[1] for row in findings_shown(session)] == ["emissions impossible"]
    assert "No grid is outside." in text_of(session)
    session.state.health.severity = "warning"
    assert "No finding matches" in text_of(session)


def test_a_rule_that_found_nothing_is_listed_too(example_data):
    rules = health.finding_rules(example_data)
    assert rules["finding_kind"].to_list() == [
        "emissions_impossible",
        "unknown_tdp",
        "energy_in_joules",
    ]
    assert rules["found_count"].to_list() == [1, 1, 0]
