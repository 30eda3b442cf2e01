"""The app reads one build at a time and moves on when a newer one is published."""

from datetime import UTC, datetime

import duckdb
import polars as pl
import pytest

from panel_app.data import NOTHING_PUBLISHED, Data
from panel_app.predictions import ModelPredictor
from panel_app.server import warm_up_pages
from warehouse.errors import NotPublishedError, QueryError
from warehouse.publishing import publish
from warehouse.read import PublishedWarehouse
from warehouse.settings import Settings

AT = datetime(2026, 11, 1, tzinfo=UTC)


def publish_number(settings: Settings, sequence: int, number: int) -> str:
    settings.build_path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.build_path)) as connection:
        connection.execute(f"create or replace table numbers as select {number} as number")
    build_id = f"{sequence:06d}-20261101T000000Z"
    publish(settings, build_id, published_at=AT)
    return build_id


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path, _env_file=None)


def test_nothing_published_is_said_and_not_an_empty_answer(settings):
    data = Data(PublishedWarehouse.open(settings))
    assert data.refresh() == NOTHING_PUBLISHED
    with pytest.raises(NotPublishedError, match="refresh"):
        data.frame("select 1")


def test_a_first_build_is_found_without_a_restart(settings):
    data = Data(PublishedWarehouse.open(settings))
    data.refresh()
    build_id = publish_number(settings, 1, 7)
    assert data.refresh() == build_id
    assert data.row("select number from numbers") == {"number": 7}


def test_answers_stay_with_the_build_until_the_app_moves_on(settings):
    publish_number(settings, 1, 7)
    data = Data(PublishedWarehouse.open(settings))
    data.refresh()
    publish_number(settings, 2, 8)
    # Another query, so that the answer is not a remembered one.
    assert data.row("select number + 0 as number from numbers") == {"number": 7}
    data.refresh()
    assert data.row("select number + 0 as number from numbers") == {"number": 8}


def test_an_answer_is_remembered(settings):
    publish_number(settings, 1, 7)
    data = Data(PublishedWarehouse.open(settings), remembered_frames=2)
    first = data.frame("select number from numbers where number > ?", [1])
    assert data.frame("select number from numbers where number > ?", [1]) is first
    assert data.frame("select number from numbers where number > ?", [9]) is not first


def test_only_so_many_answers_are_remembered(settings):
    publish_number(settings, 1, 7)
    data = Data(PublishedWarehouse.open(settings), remembered_frames=2)
    first = data.frame("select 1 as one")
    for number in range(3):
        data.frame("select ? as number", [number])
    assert data.frame("select 1 as one") is not first


def test_decimals_and_bare_instants_become_plain(settings):
    publish_number(settings, 1, 7)
    data = Data(PublishedWarehouse.open(settings))
    frame = data.frame(
        "select 1.5::decimal(4, 1) as ratio, timestamp '2026-11-01 06:00:00' as at from numbers"
    )
    assert frame.schema["ratio"] == pl.Float64
    assert frame["at"][0] == datetime(2026, 11, 1, 6, tzinfo=UTC)


def test_a_refused_query_says_so(settings):
    publish_number(settings, 1, 7)
    data = Data(PublishedWarehouse.open(settings))
    with pytest.raises(QueryError, match="no_such_table"):
        data.frame("select * from no_such_table")


def test_a_build_without_the_marts_does_not_keep_the_server_from_starting(settings, caplog):
    publish_number(settings, 1, 10)  # holds one table of numbers, and no mart

    warm_up_pages(Data(PublishedWarehouse.open(settings)), ModelPredictor())

    assert "lacks what the overview asks for" in caplog.text
