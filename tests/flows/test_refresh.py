"""The refresh flow in this process: real Prefect, DuckDB and dbt, a small project."""

from __future__ import annotations

from datetime import UTC, datetime

import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.states import StateType

from flows import marts_state
from flows.ingest import ingest
from flows.refresh import refresh
from flows.sources.registry import SOURCES
from warehouse.errors import InputError, LockedError, SourceError, TransformError
from warehouse.journal import Journal
from warehouse.lock import writer_lock
from warehouse.publishing import builds, current_build
from warehouse.settings import get_settings

FIRST_BUILD = "000001-20261122T120000Z"
ONE_OCLOCK = datetime(2026, 11, 22, 13, tzinfo=UTC)


def refresh_again(here, **parameters) -> str:
    return refresh(as_of=ONE_OCLOCK, may_train=False, **parameters)


def newest_run(workspace):
    return Journal(workspace.settings).records()[-1]


def outcomes(workspace):
    return {outcome.source_id: outcome for outcome in newest_run(workspace).sources}


def summary_of(record) -> str:
    """The Markdown that Prefect shows of a run."""
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["refresh-summary"]))
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=wanted)
    return next(one.data for one in artifacts if str(one.flow_run_id) == record.flow_run_id)


def test_the_first_refresh_publishes_what_the_sources_hold(refreshed_once):
    assert current_build(refreshed_once.settings).build_id == FIRST_BUILD
    assert refreshed_once.names() == ["alpha", "beta", "gamma"]
    record = newest_run(refreshed_once)
    assert (record.flow, record.status) == ("refresh", "published")
    assert {key: outcome.row_count for key, outcome in outcomes(refreshed_once).items()} == {
        "tiny": 2,
        "other": 1,
    }


def test_the_clock_of_a_run_is_its_as_of(refreshed_once):
    found = refreshed_once.warehouse.query("select distinct recorded_at from raw.tiny_values")
    assert found["recorded_at"].to_list() == [datetime(2026, 11, 22, 12)]  # noqa: DTZ001
    assert newest_run(refreshed_once).started_at == "2026-11-22T12:00:00+00:00"


def test_the_published_file_says_of_its_own_build_that_it_is_published(refreshed_once):
    found = refreshed_once.warehouse.query("select build_id, status, published_at from raw.builds")
    assert found["build_id"].to_list() == [FIRST_BUILD]
    assert found["status"].to_list() == ["published"]
    published_at = newest_run(refreshed_once).published_at
    assert found["published_at"].item().replace(tzinfo=UTC).isoformat() == published_at


def test_prefect_shows_the_run_its_tasks_and_a_summary(refreshed_once):
    record = newest_run(refreshed_once)
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(record.flow_run_id)
    assert flow_run.name == "refresh-2026-11-22T12:00Z"
    assert flow_run.state.type == StateType.COMPLETED
    text = summary_of(record)
    assert "# refresh published" in text
    assert "| tiny | loaded | 2 | 0 |" in text
    assert "| dbt build | ok |" in text


def test_refresh_with_nothing_new_publishes_again_and_changes_no_row(here):
    before = here.warehouse.query("select * from raw.tiny_values order by name")
    refresh_again(here)
    assert {outcome.state for outcome in outcomes(here).values()} == {"unchanged"}
    assert [build.sequence for build in builds(here.settings)] == [1, 2]
    assert here.warehouse.query("select * from raw.tiny_values order by name").equals(before)


def test_marts_that_would_be_the_same_are_not_built_again(here):
    refresh_again(here)
    # The bookkeeping is of this run, though: both builds are in it.
    found = here.warehouse.query("select build_id, status from tiny_builds order by build_id")
    assert found["build_id"].to_list() == [FIRST_BUILD, "000002-20261122T130000Z"]
    assert "nothing new to build from" in summary_of(newest_run(here))
    # A line of SQL that differs is a reason to build.
    model = here.settings.dbt_dir / "models" / "tiny_mart.sql"
    model.write_text(model.read_text().replace("name,", "upper(name) as name,"))
    refresh_again(here)
    assert here.names() == ["ALPHA", "BETA", "GAMMA"]


def test_only_what_stands_on_a_source_that_brought_something_is_built_again(here):
    assert marts_state.changed_tables(here.settings) == []
    here.put("tiny", "second.csv", "name,quantity\ndelta,3\n")
    ingest(as_of=ONE_OCLOCK, source_ids=["tiny"])
    tables = sorted(table.name for table in SOURCES["tiny"].tables)
    assert marts_state.changed_tables(here.settings) == tables
    refresh_again(here)
    assert here.names() == ["alpha", "beta", "delta", "gamma"]
    assert marts_state.changed_tables(here.settings) == []
    # Another line of SQL, or a build that failed, is a reason to build all.
    marts_state.forget(here.settings)
    assert marts_state.changed_tables(here.settings) is None


def test_full_refresh_reads_everything_again_and_doubles_nothing(here):
    refresh_again(here, full=True)
    assert {outcome.state for outcome in outcomes(here).values()} == {"loaded"}
    assert here.warehouse.query("select name from raw.tiny_values").height == 3


def test_bad_rows_bad_bodies_and_lost_providers_leave_the_rest(here):
    here.put("tiny", "second.csv", "name,quantity\ndelta,3\nepsilon,many\n")
    here.put("other", "second.csv", "name,quantity\nzeta,2\n")
    here.put("other", "unreachable")
    refresh_again(here)
    # The row goes to quarantine with what stood there ...
    assert here.names() == ["alpha", "beta", "delta", "gamma", "zeta"]
    found = here.warehouse.query("select source_id, offending_value from raw.quarantine")
    assert found.rows() == [("tiny", "many")]
    assert outcomes(here)["tiny"].state == "loaded"
    # ... and what came before the provider went away is kept.
    assert outcomes(here)["other"].state == "partial"
    assert "cannot be reached" in outcomes(here)["other"].error


def test_when_every_source_fails_the_last_build_stays(here):
    here.put("tiny", "first.csv", "title\nno quantity here\n")
    here.take_away("other", "first.csv")
    here.put("other", "unreachable")
    with pytest.raises(SourceError, match="no source could be read") as caught:
        refresh_again(here)
    assert "tiny: " in caught.value.message
    assert "other: " in caught.value.message
    assert current_build(here.settings).build_id == FIRST_BUILD
    assert newest_run(here).status == "failed"


def test_a_failing_dbt_test_leaves_the_last_build_and_is_named(here):
    here.put("tiny", "second.csv", "name,quantity\nunlucky,13\n")
    with pytest.raises(TransformError, match="quantity_is_not_thirteen") as caught:
        refresh_again(here)
    assert "Got 1 result, configured to fail if != 0" in caught.value.message
    assert current_build(here.settings).build_id == FIRST_BUILD
    assert here.names() == ["alpha", "beta", "gamma"]
    record = newest_run(here)
    assert (record.status, record.published_at) == ("failed", "")
    assert "quantity_is_not_thirteen" in record.error


def test_dbt_that_takes_too_long_is_ended_and_the_last_build_stays(here, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_DBT_TIMEOUT_S", "0.5")
    get_settings.cache_clear()
    here.put("tiny", "second.csv", "name,quantity\ndelta,3\n")
    with pytest.raises(TransformError, match=r"did not end within 0\.5 s"):
        refresh_again(here)
    assert current_build(here.settings).build_id == FIRST_BUILD
    assert not [
        child for child in psutil.Process().children() if "dbt" in " ".join(child.cmdline())
    ]


def test_ingest_alone_publishes_nothing(here):
    here.put("tiny", "second.csv", "name,quantity\ndelta,3\n")
    ingest(as_of=ONE_OCLOCK, source_ids=["tiny"])
    assert outcomes(here)["tiny"].row_count == 1
    assert "other" not in outcomes(here)
    assert newest_run(here).status == "finished"
    assert current_build(here.settings).build_id == FIRST_BUILD


def test_an_unknown_source_is_refused_with_the_names_of_the_known(here):
    with pytest.raises(InputError, match=r"no source 'tinny'.*tiny, other"):
        refresh_again(here, source_ids=["tinny"])


def test_a_second_writer_is_told_who_writes(here):
    with (
        writer_lock(here.settings),
        pytest.raises(LockedError, match=r"pid \d+\) is writing the warehouse"),
    ):
        refresh_again(here)
