"""What a fetch asks for: the time that is lacking, the zones that were chosen, one by one."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.sources.context import FetchContext
from flows.sources.http_errors import AccessError, ProviderDownError
from flows.sources.protocol import Limits, Source, reading_bytes
from warehouse.errors import InputError, SourceError
from warehouse.landing import Fetched, Landing
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.spans import Span
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = Source(
    source_id="grid",
    title="Grid",
    publisher="tests",
    homepage_url="https://example.org",
    licence="CC0",
    licence_url="https://example.org",
    citation="none",
    description="Made up.",
    cadence=HOUR,
    parser_version=1,
    tables=(),
    fetch=lambda _: (),
    parse=reading_bytes(lambda _: Parsed()),
    base_url="https://example.org/api/",
    base_url_env="TEST_GRID_URL",
    key_env="TEST_GRID_KEY",
    limits=Limits(concurrency=2),
    zones=("DE", "FR", "SE_3"),
    default_zones=("DE", "FR"),
    chunk=10 * DAY,
    first=14 * DAY,
)


@pytest.fixture
def make(tmp_path: Path):
    def context(**changes: Any) -> FetchContext:
        source = replace(SOURCE, **changes.pop("source", {}))
        settings = Settings(data_dir=tmp_path, project_dir=tmp_path, **changes.pop("settings", {}))
        return FetchContext(settings, Landing(settings), Run.start(NOON), source=source, **changes)

    return context


def had(*ends: datetime) -> dict[str, tuple[Span, ...]]:
    return {"DE": tuple(Span(NOON - 400 * DAY, end) for end in ends)}


def test_the_first_run_asks_for_the_first_days_in_chunks(make):
    spans = make().spans("DE")
    assert (spans[0].start_at, spans[-1].end_at) == (NOON - 14 * DAY, NOON)
    assert all(span.length <= 10 * DAY for span in spans)
    assert all(a.end_at == b.start_at for a, b in itertools.pairwise(spans))


def test_a_later_run_asks_again_for_the_last_two_days(make):
    assert make(coverage=had(NOON - HOUR)).spans("DE") == [Span(NOON - 2 * DAY, NOON)]


def test_after_a_long_silence_it_asks_from_where_it_stood(make):
    spans = make(coverage=had(NOON - 30 * DAY)).spans("DE")
    assert (spans[0].start_at, spans[-1].end_at) == (NOON - 30 * DAY, NOON)


def test_another_zones_coverage_does_not_count(make):
    assert make(coverage=had(NOON)).spans("FR")[0].start_at == NOON - 14 * DAY


def test_everything_is_asked_for_again_if_told_so(make):
    assert make(coverage=had(NOON), is_full=True).spans("DE")[0].start_at == NOON - 14 * DAY


def test_a_backfill_asks_only_for_what_is_lacking_and_never_for_the_future(make):
    asked = Span(NOON - 5 * DAY, NOON + DAY)
    coverage = {"DE": (Span(NOON - 4 * DAY, NOON - 2 * DAY),)}
    context = make(coverage=coverage, backfill=asked, source={"chunk": 100 * DAY})

    assert context.is_backfill
    assert context.spans("DE") == [
        Span(NOON - 5 * DAY, NOON - 4 * DAY),
        Span(NOON - 2 * DAY, NOON),
    ]


def test_zones_come_from_the_command_then_the_settings_then_the_source(make):
    chosen = {"settings": {"zones": {"grid": ("se_3",)}}}
    assert make().zones == ("DE", "FR")
    assert make(**chosen).zones == ("SE_3",)
    assert make(only_zones=("fr", "FR"), **chosen).zones == ("FR",)
    with pytest.raises(InputError, match="no zone 'XX'") as caught:
        _ = make(only_zones=("XX", "DE")).zones
    assert "DE, FR, SE_3" in caught.value.remedy


def test_address_and_key_come_from_the_environment_or_the_env_file(make, monkeypatch, tmp_path):
    assert (make().base_url, make().key) == ("https://example.org/api", None)
    (tmp_path / ".env").write_text("TEST_GRID_KEY=from-the-file\nTEST_GRID_URL=http://file/\n")
    monkeypatch.setenv("TEST_GRID_URL", "http://127.0.0.1:9/x/")
    assert (make().base_url, make().key) == ("http://127.0.0.1:9/x", "from-the-file")


def body(zone: str) -> Fetched:
    return Fetched(b"x", f"{zone}.json", "application/json", f"GET /{zone}", "CC0")


def collect(bodies: Iterator[Fetched]) -> tuple[list[str], SourceError | None]:
    names: list[str] = []
    try:
        for fetched in bodies:
            names.append(fetched.name)  # noqa: PERF401 - what came before the error counts
    except SourceError as error:
        return names, error
    return names, None


def test_a_zone_that_fails_leaves_the_others_and_what_it_gave_before(make):
    def fetch(zone: str) -> Iterator[Fetched]:
        yield body(zone)
        if zone == "FR":
            raise SourceError("FR: 404", remedy="Ask for another.", is_transient=True)

    names, error = collect(make().each(("DE", "FR", "SE_3"), fetch))

    assert names == ["DE.json", "FR.json", "SE_3.json"]
    assert error is not None
    assert error.message == "grid: 1 of 3 parts failed (FR): FR: 404"
    assert error.is_transient


@pytest.mark.parametrize(
    "error",
    [
        ProviderDownError("down", is_transient=True),
        AccessError("401", remedy="Check the key.", is_about_the_key=True),
    ],
)
def test_a_refused_key_and_a_dead_provider_stop_what_was_not_asked_yet(make, error):
    asked: list[str] = []

    def fetch(zone: str) -> Iterator[Fetched]:
        asked.append(zone)
        raise error
        yield

    _, raised = collect(make(source={"limits": Limits(concurrency=1)}).each("abcdef", fetch))

    assert raised is not None
    assert asked == ["a"]


def test_a_zone_without_the_right_is_no_reason_to_stop(make):
    def fetch(zone: str) -> Iterator[Fetched]:
        if zone == "DE":
            raise AccessError("403", remedy="", is_about_the_key=False)
        yield body(zone)

    assert collect(make().each(("DE", "FR"), fetch))[0] == ["FR.json"]


def test_no_more_zones_at_a_time_than_the_provider_bears(make):
    running: list[str] = []
    seen: list[int] = []
    lock = threading.Lock()
    both = threading.Barrier(2)

    def fetch(zone: str) -> Iterator[Fetched]:
        with lock:
            running.append(zone)
            seen.append(len(running))
        both.wait(timeout=30)
        with lock:
            running.remove(zone)
        yield body(zone)

    names, error = collect(make().each("abcdef", fetch))

    assert (len(names), error) == (6, None)
    assert max(seen) == 2
