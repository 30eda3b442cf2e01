"""What the schedules leave out: sources that are not due, and builds that would be the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flows.ingest import ingest
from flows.refresh import refresh
from flows.transform import transform
from warehouse.journal import Journal
from warehouse.publishing import builds, current_build

FIRST_BUILD = "000001-20261122T120000Z"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_hourly_build_is_made_only_if_something_came(here):
    soon = NOON + timedelta(hours=1)
    assert transform(as_of=soon, only_if_new=True) == FIRST_BUILD
    ingest(as_of=soon)  # nothing new
    assert transform(as_of=soon, only_if_new=True) == FIRST_BUILD
    runs = len(Journal(here.settings).records())
    here.put("tiny", "second.csv", "name,quantity\ndelta,3\n")
    ingest(as_of=soon + timedelta(minutes=5))
    later = soon + timedelta(minutes=10)
    assert transform(as_of=later, only_if_new=True) == current_build(here.settings).build_id
    assert here.names() == ["alpha", "beta", "delta", "gamma"]
    assert [build.sequence for build in builds(here.settings)] == [1, 2]
    assert transform(as_of=later + timedelta(minutes=5), only_if_new=True) != FIRST_BUILD
    assert len(builds(here.settings)) == 2
    # What was left out left no document in the journal.
    assert len(Journal(here.settings).records()) == runs + 2


def test_a_run_for_what_is_due_leaves_fresh_sources_alone(here):
    here.put("tiny", "second.csv", "name,quantity\ndelta,3\n")
    refresh(as_of=NOON + timedelta(hours=23), may_train=False, only_due=True)
    assert Journal(here.settings).records()[-1].sources == ()
    refresh(as_of=NOON + timedelta(hours=25), may_train=False, only_due=True)
    assert {one.source_id for one in Journal(here.settings).records()[-1].sources} == {
        "tiny",
        "other",
    }
    assert here.names() == ["alpha", "beta", "delta", "gamma"]
