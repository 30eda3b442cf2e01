"""A small published warehouse with made-up but plausible rows, a server on it, and a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from warehouse.publishing import publish
from warehouse.settings import Settings

_FIRST_BUILD = "000001-20261101T060000Z"
_SECOND_BUILD = "000002-20261102T060000Z"

_SQL = Path(__file__).with_name("example_warehouse.sql")


def write_example(path: Path, build_id: str) -> None:
    """Write the example warehouse to a new DuckDB file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    connection = duckdb.connect(str(path))
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute(_SQL.read_text(encoding="utf-8"))
        connection.execute("update meta_builds set build_id = ?", [build_id])
    finally:
        connection.close()


def publish_example(settings: Settings, build_id: str = _FIRST_BUILD) -> None:
    """Publish the example warehouse under this build id, as the refresh flow does."""
    write_example(settings.build_path, build_id)
    publish(settings, build_id, published_at=datetime(2026, 11, 1, 6, 2, tzinfo=UTC))


@pytest.fixture(scope="session")
def example_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a data directory in which the example warehouse is published."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    publish_example(settings)
    return settings


@pytest.fixture
def publish_second_build() -> Callable[[Settings], str]:
    """Publish a newer build of the example and return its id."""

    def publish_it(settings: Settings) -> str:
        publish_example(settings, _SECOND_BUILD)
        return _SECOND_BUILD

    return publish_it
