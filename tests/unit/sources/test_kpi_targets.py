"""Own targets of key figures, as CSV."""

from __future__ import annotations

from datetime import UTC, datetime

from flows.sources.kpi_targets import TARGETS, parse
from flows.sources.protocol import Arrival
from warehouse.tables import Parsed


def read(text: str) -> Parsed:
    return parse(Arrival(text.encode(), "targets.csv", datetime(2026, 11, 22, tzinfo=UTC)))


def test_a_target_is_for_a_project_or_for_all():
    parsed = read(
        "kpi_id,project,target_value,unit,is_upper_bound\n"
        "energy_per_request,chat,0.3,Wh,yes\nenergy_per_request,,0.5,Wh,true\n"
    )
    found = parsed.frames[TARGETS.name].select("project", "target_value", "is_upper_bound").rows()
    assert found == [("chat", 0.3, True), (None, 0.5, True)]


def test_a_target_without_a_value_is_refused():
    parsed = read("kpi_id,target_value\na,\nb,low\n")
    assert parsed.rejects["reason"].to_list() == [
        "required, but empty",
        "cannot be read as a number",
    ]
