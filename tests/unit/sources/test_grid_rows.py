"""Lengths of intervals, and rows that no grid can have."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from flows.sources.grid_rows import (
    checked,
    intensities,
    interval_lengths,
    minutes_between,
    require_field,
)
from flows.sources.grid_tables import GRID_GENERATION
from warehouse.errors import ParseError


def test_gap_makes_no_interval_longer() -> None:
    # Quarter-hours with 10:30 and 10:45 missing: 10:15 is followed by 11:00, 45 minutes later.
    minutes = [0, 15, 60, 75, 90, 105]
    instants = pl.Series([datetime(2026, 3, 29, 10 + m // 60, m % 60, tzinfo=UTC) for m in minutes])

    assert interval_lengths(instants, (15, 30, 60))["interval_minutes"].to_list() == [15] * 6


def test_resolution_turns_at_its_very_row() -> None:
    hours = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(10)]
    quarters = [datetime(2026, 1, 1, 10 + n // 4, n % 4 * 15, tzinfo=UTC) for n in range(12)]

    lengths = interval_lengths(pl.Series(hours + quarters), (15, 30, 60))

    assert lengths["interval_minutes"].to_list() == [60] * 10 + [15] * 12


def test_single_instant_has_no_length() -> None:
    lengths = interval_lengths(pl.Series([datetime(2026, 1, 1, tzinfo=UTC)]), (15, 60))

    assert lengths["interval_minutes"].to_list() == [None]


def test_length_that_cannot_be_told_shows_the_end() -> None:
    frame = pl.DataFrame({"from": ["2026-01-01T00:00Z"] * 2, "to": ["2026-01-01T00:30Z", "later"]})

    assert frame.select(minutes_between("from", "to")).to_series().to_list() == ["30", "later"]


def test_average_below_zero_is_refused_and_a_marginal_one_is_not() -> None:
    frame = pl.DataFrame(
        {
            "provider_zone": "DE",
            "interval_start_at": "2026-01-01T00:00Z",
            "interval_minutes": 60,
            "intensity_basis": ["average", "marginal", "average"],
            "emission_factor_scope": "direct",
            "flow_basis": "consumption",
            "row": [0, 1, 2],
            "value": [-5.0, -5.0, None],
        }
    )

    name, (good, bad) = intensities(frame, "value")

    assert name == "grid_intensities"
    assert good["intensity_basis"].to_list() == ["marginal"]
    assert bad["offending_value"].to_list() == ["-5.0"]


def test_generation_beyond_the_world_is_refused() -> None:
    frame = pl.DataFrame(
        {
            "provider_zone": "de",
            "interval_start_at": "2026-01-01T00:00Z",
            "interval_minutes": 15,
            "production_type": "Solar",
            "generation_mw": [40_000.0, 40_000_000_000.0, -9_000.0],
            "row": [0, 1, 2],
        }
    )

    _, (good, bad) = checked(frame, GRID_GENERATION)

    assert good["generation_mw"].to_list() == [40_000, -9_000]
    assert bad["column_name"].to_list() == ["generation_mw"]


def test_field_that_no_row_has_is_named_with_what_was_found() -> None:
    require_field([], "value", "x", "y")
    require_field([{"value": None}, {}], "value", "x", "y")
    with pytest.raises(ParseError, match=r"'value'.*missing from every row; found: amount"):
        require_field([{"amount": 1}, "text"], "value", "x", "y")
