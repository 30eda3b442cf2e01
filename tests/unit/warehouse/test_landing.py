"""The landing area keeps bodies as they came."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from warehouse.errors import LandingError
from warehouse.landing import Fetched, Landing
from warehouse.run import Run
from warehouse.settings import Settings

FIRST = Run.start(datetime(2026, 1, 1, tzinfo=UTC))
LATER = Run.start(datetime(2026, 2, 1, tzinfo=UTC))


def _fetched(body: bytes) -> Fetched:
    return Fetched(
        body=body,
        name="answer.json",
        media_type="application/json",
        request="GET /answer",
        licence="CC BY 4.0",
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def test_a_body_comes_back_as_it_was_landed(settings: Settings) -> None:
    landing = Landing(settings)
    body = b'{"a": 1}' * 1000

    landed = landing.land("demo", _fetched(body), FIRST)

    assert landed.landed_sha256 == hashlib.sha256(body).hexdigest()
    assert landed.byte_count == len(body)
    assert landing.read(landed.landed_sha256) == body
    assert landing.records("demo") == [landed]


def test_the_same_body_twice_changes_nothing(settings: Settings) -> None:
    landing = Landing(settings)
    first = landing.land("demo", _fetched(b"x"), FIRST)
    before = {p: p.stat().st_mtime_ns for p in settings.landing_dir.rglob("*") if p.is_file()}

    second = landing.land("demo", _fetched(b"x"), LATER)

    assert second == first
    after = {p: p.stat().st_mtime_ns for p in settings.landing_dir.rglob("*") if p.is_file()}
    assert after == before


def test_two_sources_may_land_the_same_body(settings: Settings) -> None:
    landing = Landing(settings)
    one = landing.land("one", _fetched(b"x"), FIRST)
    two = landing.land("two", _fetched(b"x"), LATER)

    landing.forget([one])

    assert landing.read(two.landed_sha256) == b"x"
    assert landing.records() == [two]


def test_forgetting_the_last_record_frees_the_body(settings: Settings) -> None:
    landing = Landing(settings)
    landed = landing.land("demo", _fetched(b"x" * 10_000), FIRST)

    freed = landing.forget([landed])

    assert freed > 0
    assert not landing.has(landed.landed_sha256)


def test_a_changed_body_is_refused(settings: Settings) -> None:
    landing = Landing(settings)
    one = landing.land("demo", _fetched(b"one"), FIRST)
    two = landing.land("demo", _fetched(b"two"), FIRST)
    paths = {p.name.split(".")[0]: p for p in settings.landing_dir.rglob("*.zst")}
    paths[one.landed_sha256].write_bytes(paths[two.landed_sha256].read_bytes())

    with pytest.raises(LandingError, match="was changed"):
        landing.read(one.landed_sha256)


def test_a_truncated_body_is_refused(settings: Settings) -> None:
    landing = Landing(settings)
    landed = landing.land("demo", _fetched(bytes(range(256)) * 50), FIRST)
    path = next(settings.landing_dir.rglob("*.zst"))
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(LandingError, match=r"cannot be unpacked|was changed"):
        landing.read(landed.landed_sha256)


def test_a_missing_body_is_named(settings: Settings) -> None:
    with pytest.raises(LandingError, match="landed body abc is missing"):
        Landing(settings).read("abc")


def test_a_body_whose_record_was_never_written_is_found(settings: Settings) -> None:
    landing = Landing(settings)
    landed = landing.land("demo", _fetched(b"x"), FIRST)
    next(settings.landing_dir.rglob("*.json")).unlink()

    assert not landing.has(landed.landed_sha256)
    assert len(landing.unreferenced_bodies()) == 1
    assert landing.forget([]) > 0
    assert landing.unreferenced_bodies() == []
