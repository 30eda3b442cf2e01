"""The same bytes can be two arrivals: of two zones, or of a provider that goes back on its word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.landing import Covered, Fetched, Landing
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.spans import Span

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def run(day: int) -> Run:
    return Run.start(DAY + timedelta(days=day))


def body(zone: str, content: bytes = b"[1, 2]") -> Fetched:
    return Fetched(content, "hours.json", "application/json", f"GET /{zone}", "CC0", {"zone": zone})


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(Settings(data_dir=tmp_path))


def test_equal_bodies_of_two_zones_are_two_landings_of_one_body(landing: Landing, tmp_path: Path):
    german, french = (landing.land("grid", body(zone), run(0)) for zone in ("de", "fr"))

    assert german.landed_sha256 == french.landed_sha256
    assert german.landing_id != french.landing_id
    assert landing.landing_ids("grid") == {german.landing_id, french.landing_id}
    assert len(list(tmp_path.rglob("*.zst"))) == 1

    landing.forget([german])
    assert landing.read(french.landed_sha256) == b"[1, 2]"


def test_a_return_to_earlier_bytes_is_an_arrival_of_its_own(landing: Landing):
    first = landing.land("grid", body("de"), run(0))
    again = landing.land("grid", body("de"), run(1))
    returned = landing.land("grid", body("de"), run(2), is_return=True)

    assert again == first
    assert returned.landing_id != first.landing_id
    assert returned.fetched_at.date() == (DAY + timedelta(days=2)).date()


def test_a_record_reads_back_whole(landing: Landing):
    fetched = Fetched(
        b"x",
        "x",
        "text/plain",
        "GET /x",
        "CC0",
        {"zone": "de"},
        Covered("de", Span(DAY, DAY + timedelta(hours=3))),
    )
    landed = landing.land("grid", fetched, run(0))

    assert landing.record("grid", landed.landing_id) == landed
    assert landed.covers == Covered("de", Span(DAY, DAY + timedelta(hours=3)))


def test_a_source_that_never_landed_has_no_landing(landing: Landing):
    assert landing.landing_ids("grid") == set()
