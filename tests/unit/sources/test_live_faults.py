"""What is wrong with a provider's rows, from its server to the raw tables and quarantine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.ingest_source import SourceRun
from flows.sources.protocol import Limits
from flows.sources.registry import SOURCES
from warehouse.connections import build_connection
from warehouse.journal import SourceOutcome
from warehouse.run import Run
from warehouse.schemas import ensure_schemas
from warehouse.settings import Settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
QUICK = Limits(requests=1000, per=timedelta(seconds=1), concurrency=2)


@dataclass(frozen=True)
class Case:
    """One zone of a provider, the request that brings its figures, and the field they are in."""

    zone: str
    path: str
    field: str
    table: str
    value: str


INTENSITY = ("grid_intensities", "carbon_intensity_gco2e_per_kwh")
GENERATION = ("grid_generation", "generation_mw")
CASES = {
    "gb-carbon-intensity": Case("GB", "/intensity/", "actual", *INTENSITY),
    "energy-charts": Case("fr", "/co2eq", "co2eq", *INTENSITY),
    "electricity-maps": Case("DE", "/carbon-intensity/past-range", "carbonIntensity", *INTENSITY),
    "watttime": Case("CAISO_NORTH", "/v3/historical", "value", *INTENSITY),
    "eia": Case("BPAT", "/data", "value", *GENERATION),
    "entsoe": Case("FR", "A75", "quantity", *GENERATION),
}


@dataclass(frozen=True)
class Arrived:
    """What a run left: how it ended, the newest rows, and how many were refused."""

    outcome: SourceOutcome
    rows: dict[tuple[Any, ...], float]
    quarantined: list[tuple[Any, ...]]


Ingest = Callable[[str], Arrived]


@pytest.fixture
def ingest(provider_server, tmp_path_factory, monkeypatch) -> Ingest:
    """One run of a source that goes back a day, into a warehouse of its own."""
    for name, value in provider_server.environment(CASES).items():
        monkeypatch.setenv(name, value)

    def run(source_id: str) -> Arrived:
        case = CASES[source_id]
        source = replace(SOURCES[source_id], first=ONE_DAY, limits=QUICK)
        settings = Settings(
            data_dir=tmp_path_factory.mktemp(source_id),
            zones={source_id: (case.zone,)},
            http_backoff_s=0.01,
            http_retries=1,
            http_timeout_s=5.0,
        )
        with build_connection(settings) as connection:
            ensure_schemas(connection, source.tables)
        going = SourceRun(
            source, settings, Run.start(NOON), loading=threading.Lock(), zones=(case.zone,)
        )
        outcome = going.fetch_and_load(lambda _words: None)
        extra = "production_type" if case.table == "grid_generation" else "signal_model"
        with build_connection(settings) as connection:
            rows = connection.execute(
                f"select interval_start_at, {extra}, {case.value} from raw.{case.table}"
            ).fetchall()
            refused = connection.execute(
                "select table_name, column_name, reason from raw.quarantine"
            ).fetchall()
        return Arrived(outcome, {(at, name): value for at, name, value in rows}, refused)

    return run


_whole: dict[str, dict[tuple[Any, ...], float]] = {}


@pytest.fixture
def whole(ingest) -> Callable[[str], dict[tuple[Any, ...], float]]:
    """The rows of a run without a fault."""

    def rows(source_id: str) -> dict[tuple[Any, ...], float]:
        if source_id not in _whole:
            arrived = ingest(source_id)
            assert arrived.outcome.error == ""
            assert arrived.quarantined == []
            _whole[source_id] = arrived.rows
        return _whole[source_id]

    return rows


@pytest.mark.parametrize("source_id", CASES)
def test_day_without_faults_comes_whole(source_id, whole):
    assert len(whole(source_id)) >= 24


@pytest.mark.parametrize("kind", ["duplicates", "shuffled", "extra_field"])
@pytest.mark.parametrize("source_id", CASES)
def test_harmless_faults_change_nothing(source_id, kind, ingest, whole, provider_server):
    expected = whole(source_id)
    provider_server.faults.add(source_id, kind, path_part=CASES[source_id].path)
    arrived = ingest(source_id)
    assert arrived.outcome.error == ""
    assert arrived.quarantined == []
    assert arrived.rows == expected


# XML has no null: a point without its quantity lacks a field, as below.
@pytest.mark.parametrize("source_id", [each for each in CASES if each != "entsoe"])
def test_nulls_are_not_reported_and_no_rows(source_id, ingest, whole, provider_server):
    case, expected = CASES[source_id], whole(source_id)
    provider_server.faults.add(source_id, "nulls", path_part=case.path, field=case.field)
    arrived = ingest(source_id)
    assert arrived.outcome.error == ""
    assert arrived.quarantined == []
    assert arrived.rows.items() < expected.items()
    assert 0.4 < len(arrived.rows) / len(expected) < 0.6  # every other row


# A field gone from some rows makes arrays of different lengths, which say no longer what is whose:
# nothing of such a body can be used.
@pytest.mark.parametrize("source_id", [each for each in CASES if each != "energy-charts"])
@pytest.mark.parametrize("kind", ["renamed_some", "new_enum"])
def test_spoilt_rows_are_quarantined_and_the_others_kept(
    source_id, kind, ingest, whole, provider_server
):
    case, expected = CASES[source_id], whole(source_id)
    provider_server.faults.add(
        source_id, kind, path_part=case.path, field=case.field, value="brand-new"
    )
    arrived = ingest(source_id)
    assert arrived.outcome.state in ("loaded", "partial")
    assert arrived.rows.items() < expected.items()
    assert 0.4 < len(arrived.rows) / len(expected) < 0.6
    refused = [row for row in arrived.quarantined if row[0] == case.table]
    assert len(refused) >= len(expected) - len(arrived.rows)


@pytest.mark.parametrize("source_id", CASES)
def test_field_gone_from_every_row_is_said_loudly(source_id, ingest, whole, provider_server):
    case = CASES[source_id]
    provider_server.faults.add(source_id, "renamed", path_part=case.path, field=case.field)
    arrived = ingest(source_id)
    assert arrived.outcome.state in ("failed", "partial")
    assert source_id in arrived.outcome.error
    assert case.field in arrived.outcome.error
    assert arrived.rows == {}


# What the other sources' client does with broken bodies is tested with it; ENTSO-E has its own.
NO_ANSWERS = [(each, kind) for each in CASES for kind in ("error_200", "html_200", "403_html")]
NO_ANSWERS += [("entsoe", kind) for kind in ("truncated", "empty", "reset", "500", "401")]


@pytest.mark.parametrize(("source_id", "kind"), NO_ANSWERS)
def test_answers_that_are_none_are_reported(source_id, kind, ingest, provider_server):
    # Refused everywhere: where only ranges are refused, Electricity Maps has the last day still.
    path = "" if kind == "403_html" else CASES[source_id].path
    provider_server.faults.add(source_id, kind, path_part=path)
    arrived = ingest(source_id)
    assert arrived.outcome.state in ("failed", "partial")
    assert source_id in arrived.outcome.error
    assert "GET " in arrived.outcome.error
    assert arrived.rows == {}
    assert not [each for each in provider_server.secrets() if each in arrived.outcome.error]


def test_sandbox_numbers_are_refused(ingest, provider_server, monkeypatch):
    key = provider_server.state("electricity-maps").sandbox_key
    monkeypatch.setenv("ELECTRICITYMAPS_API_KEY", key)
    arrived = ingest("electricity-maps")
    assert arrived.outcome.state == "failed"
    assert "sandbox" in arrived.outcome.error
    assert arrived.rows == {}


def test_token_that_ran_out_is_renewed_once(ingest, whole, provider_server):
    expected = whole("watttime")
    provider_server.forget_requests()
    # The first request after the login is refused as if half an hour had passed.
    provider_server.faults.add("watttime", "401", path_part="/v3/historical", times=1)
    arrived = ingest("watttime")
    assert arrived.outcome.error == ""
    assert arrived.rows == expected
    assert len(provider_server.requests("watttime", "/login")) == 2


def test_login_that_is_refused_is_tried_no_further(ingest, provider_server, monkeypatch):
    monkeypatch.setenv("WATTTIME_PASSWORD", "not-the-password")
    arrived = ingest("watttime")
    assert arrived.outcome.state == "failed"
    assert "not-the-password" not in arrived.outcome.error
    assert [each.path for each in provider_server.requests("watttime")] == ["/login"]


@pytest.mark.parametrize("has_text_values", [True, False])
def test_eia_says_numbers_as_text_or_as_numbers(has_text_values, ingest, whole, provider_server):
    expected = whole("eia")
    provider_server.state("eia").has_text_values = has_text_values
    assert ingest("eia").rows == expected


def test_curve_that_leaves_out_repeats_says_the_same(ingest, whole, provider_server):
    expected = whole("entsoe")
    provider_server.state("entsoe").curve = "A03"
    assert ingest("entsoe").rows == expected


@pytest.mark.parametrize("version", ["", "/v3", "/v4"])
def test_electricity_maps_is_read_in_both_versions(
    version, ingest, whole, provider_server, monkeypatch
):
    expected = whole("electricity-maps")
    url = provider_server.url("electricity-maps") + version
    monkeypatch.setenv("JOULEHOUSE_ELECTRICITY_MAPS_URL", url)
    arrived = ingest("electricity-maps")
    assert arrived.outcome.error == ""
    assert arrived.rows == expected
    asked = {each.path.split("/")[1] for each in provider_server.requests("electricity-maps")}
    assert version.strip("/") in asked or version == ""
