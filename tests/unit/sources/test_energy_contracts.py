"""Own contracts of electricity, as CSV."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from flows.sources.energy_contracts import CONTRACTS, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError
from warehouse.tables import Parsed

HEADER = "contract_id;instrument;region;valid_from;valid_until;carbon_intensity_gco2e_per_kwh"


def read(text: str) -> Parsed:
    return parse(Arrival(text.encode(), "contracts.csv", datetime(2026, 11, 22, tzinfo=UTC)))


def test_a_contract_holds_for_days_in_a_place():
    parsed = read(f"{HEADER}\nppa-1;power_purchase_agreement;Germany;2026-01-01;2026-12-31;0\n")
    (row,) = parsed.frames[CONTRACTS.name].to_dicts()
    assert (row["valid_from"], row["valid_until"]) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (row["carbon_intensity_gco2e_per_kwh"], row["covered_share"]) == (0.0, None)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("a;barter;Germany;2026-01-01;2026-12-31;0", "instrument"),
        ("a;green_tariff;;2026-01-01;2026-12-31;0", "region"),
        ("a;green_tariff;Germany;2026-12-31;2026-01-01;0", "valid_until"),
        ("a;green_tariff;Germany;2026-01-01;2026-12-31;", "carbon_intensity_gco2e_per_kwh"),
        ("a;green_tariff;Germany;soon;2026-12-31;0", "valid_from"),
    ],
)
def test_a_contract_that_cannot_be_used_is_refused(line: str, column: str):
    parsed = read(f"{HEADER}\n{line}\n")
    assert parsed.row_count == 0
    assert parsed.rejects["column_name"].to_list() == [column]


def test_a_file_of_measurements_is_none_of_contracts():
    with pytest.raises(ParseError, match="the file has no column contract_id"):
        read("measurement_id,subject_kind,boundary\n")
