"""Publishing moves a pointer; readers in other processes see whole builds only."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from warehouse.connections import build_connection
from warehouse.errors import LockedError, NotPublishedError, PublishError, QueryError
from warehouse.files import remove_leftovers, replacing
from warehouse.journal import Journal
from warehouse.lock import writer_lock
from warehouse.publishing import (
    Build,
    builds,
    current_build,
    next_build_id,
    prunable_builds,
    publish,
)
from warehouse.read import PublishedWarehouse
from warehouse.run import Run
from warehouse.settings import Settings

RUN = Run.start(datetime(2026, 1, 1, 6, tzinfo=UTC))
_DEADLINE_S = 60

_READER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from warehouse.read import PublishedWarehouse
    from warehouse.settings import Settings

    warehouse = PublishedWarehouse.open(Settings(data_dir=Path(sys.argv[1])))
    seen = []
    print("ready", flush=True)
    while not seen or seen[-1] < int(sys.argv[2]):
        row = warehouse.query(
            "select min(n) as low, max(n) as high, count(*) as row_count from numbers"
        ).row(0)
        assert row[0] == row[1] and row[2] == 1000, f"half a build: {row}"
        assert not seen or row[0] >= seen[-1], f"an older build after a newer: {seen[-1]}, {row}"
        seen.append(row[0])
    print(len(seen), len(set(seen)), flush=True)
    """
)
_HOLDER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from warehouse.lock import writer_lock
    from warehouse.settings import Settings

    with writer_lock(Settings(data_dir=Path(sys.argv[1]))):
        print("held", flush=True)
        sys.stdin.read()
    """
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def _build(settings: Settings, number: int) -> Build:
    with build_connection(settings) as connection:
        connection.execute(
            f"create or replace table numbers as select {number} as n from range(1000)"
        )
    return publish(settings, next_build_id(settings, RUN), published_at=RUN.now())


def _start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_before_the_first_publish_a_reader_is_told_what_to_do(settings: Settings) -> None:
    with pytest.raises(NotPublishedError, match="joulehouse refresh"):
        PublishedWarehouse.open(settings).query("select 1")


def test_a_published_build_is_read_through_the_pointer(settings: Settings) -> None:
    build = _build(settings, 7)

    assert build.build_id == "000001-20260101T060000Z"
    assert current_build(settings) == build
    link = settings.published_dir / "current.duckdb"
    assert link.readlink() == Path(build.path.name)
    document = json.loads((settings.published_dir / "current.json").read_text())
    assert (document["build_id"], document["sequence"]) == (build.build_id, 1)
    assert PublishedWarehouse.open(settings).query("select max(n) from numbers").item() == 7


def test_build_numbers_grow_even_when_the_clock_goes_back(settings: Settings) -> None:
    _build(settings, 1)
    past = Run.start(datetime(2020, 1, 1, tzinfo=UTC))

    assert next_build_id(settings, past) == "000002-20200101T000000Z"


def test_build_numbers_grow_even_when_old_builds_are_gone(settings: Settings) -> None:
    _build(settings, 1)
    for build in builds(settings):
        build.path.unlink()

    assert next_build_id(settings, RUN).startswith("000002-")


def test_a_published_file_cannot_be_written_by_mistake(settings: Settings) -> None:
    mode = _build(settings, 1).path.stat().st_mode

    assert mode & 0o222 == 0


def test_readers_in_other_processes_see_whole_builds_in_order(settings: Settings) -> None:
    last = 25
    _build(settings, 0)
    readers = [_start(_READER, str(settings.data_dir), str(last)) for _ in range(2)]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"

    for number in range(1, last + 1):
        _build(settings, number)
        for build in prunable_builds(settings, keep=2):
            build.path.unlink()

    for reader in readers:
        output, errors = reader.communicate(timeout=_DEADLINE_S)
        assert reader.returncode == 0, errors
        assert int(output.split()[1]) > 1, "the reader saw one build only"


def test_a_full_disk_leaves_the_last_build_current_and_no_litter(settings: Settings) -> None:
    first = _build(settings, 1)
    with build_connection(settings) as connection:
        connection.execute("create table big as select random() as x from range(1_000_000)")
        connection.execute("checkpoint")
    limit = settings.build_path.stat().st_size // 2
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    code = textwrap.dedent(
        f"""
        import resource, signal, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from warehouse.errors import PublishError
        from warehouse.publishing import publish
        from warehouse.settings import Settings

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
        try:
            publish(Settings(data_dir=Path(sys.argv[1])), "000002-20260101T060000Z",
                    published_at=datetime(2026, 1, 1, tzinfo=UTC))
        except PublishError as error:
            print(error)
        """
    )

    output, errors = _start(code, str(settings.data_dir)).communicate(timeout=_DEADLINE_S)

    assert "could not be published" in output, errors
    assert "The last published build stays current" in output
    assert current_build(settings) == first
    assert sorted(p.name for p in settings.published_dir.iterdir()) == sorted(
        [first.path.name, "current.duckdb", "current.json"]
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before


def test_a_query_that_is_wrong_says_so(settings: Settings) -> None:
    _build(settings, 1)

    with pytest.raises(QueryError, match="nonsense"):
        PublishedWarehouse.open(settings).query("select nonsense from numbers")


@pytest.mark.parametrize(
    "sql",
    [
        "drop table numbers",
        "copy numbers to 'taken.csv'",
        "select 1; select 2",
        "set threads = 1",
        "create table more as select 1",
        ";",
    ],
)
def test_readers_get_one_select_and_nothing_else(settings: Settings, sql: str) -> None:
    _build(settings, 1)

    with pytest.raises(QueryError, match="read-only"):
        PublishedWarehouse.open(settings).query(sql)


@pytest.mark.parametrize(
    "sql",
    ["from numbers", "describe numbers", "pivot numbers on n using count(*)", "explain select 1"],
)
def test_every_form_of_a_select_is_answered(settings: Settings, sql: str) -> None:
    _build(settings, 1)

    assert PublishedWarehouse.open(settings).query(sql).height > 0


def test_frames_are_tables_for_one_query(settings: Settings) -> None:
    _build(settings, 2)
    warehouse = PublishedWarehouse.open(settings)

    answer = warehouse.query(
        "select sum(n * factor) as total from numbers, given", given=pl.DataFrame({"factor": [3]})
    )

    assert answer.item() == 1000 * 2 * 3


def test_a_pinned_warehouse_stays_on_its_build(settings: Settings) -> None:
    _build(settings, 1)
    pinned = PublishedWarehouse.open(settings).pinned()
    _build(settings, 2)

    assert pinned.query("select max(n) from numbers").item() == 1
    assert PublishedWarehouse.open(settings).query("select max(n) from numbers").item() == 2


def test_prune_never_offers_the_current_build(settings: Settings) -> None:
    for number in range(4):
        _build(settings, number)

    assert [build.sequence for build in prunable_builds(settings, keep=2)] == [1, 2]
    assert [build.sequence for build in prunable_builds(settings, keep=1)] == [1, 2, 3]


def test_a_second_writer_is_told_who_writes(settings: Settings) -> None:
    holder = _start(_HOLDER, str(settings.data_dir))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    with pytest.raises(LockedError, match=f"pid {holder.pid}"), writer_lock(settings):
        pass

    holder.communicate("", timeout=_DEADLINE_S)


def test_the_death_of_a_writer_frees_the_lock(settings: Settings) -> None:
    holder = _start(_HOLDER, str(settings.data_dir))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.communicate(timeout=_DEADLINE_S)

    with writer_lock(settings):
        pass


def test_runs_that_never_ended_are_marked_as_crashed(settings: Settings) -> None:
    journal = Journal(settings)
    dead = journal.begin(Run.start(datetime(2026, 1, 1, tzinfo=UTC)), "refresh")
    alive = journal.begin(Run.start(datetime(2026, 1, 2, tzinfo=UTC)), "refresh")

    marked = journal.mark_crashed(except_run_id=alive.run_id)

    assert [record.run_id for record in marked] == [dead.run_id]
    assert [record.status for record in journal.records()] == ["crashed", "running"]


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "document"
    path.write_text("old")

    def write() -> None:
        with replacing(path) as temporary:
            temporary.write_text("new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / ".body.zst.0123.tmp").write_text("half")
    (tmp_path / "kept").write_text("whole")

    assert remove_leftovers(tmp_path) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["kept"]


def test_a_wrong_build_id_is_refused(settings: Settings) -> None:
    with pytest.raises(PublishError, match="not a build id"):
        publish(settings, "../etc", published_at=RUN.now())
