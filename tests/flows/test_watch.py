"""What is amiss is told once, with the remedy, and once when it is over: to a real web server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import get_client
from prefect.states import Failed

from flows.alerts import channels_of, tell
from flows.circuit import Circuit
from flows.conditions import problems_now
from flows.ingest import ingest
from flows.prefect_server import free_port
from flows.refresh import refresh
from flows.serve import Deployment
from flows.watch import watch
from warehouse.errors import SourceError
from warehouse.journal import Journal
from warehouse.problems import Problem, read_problems
from warehouse.settings import Settings, get_settings

# Apprise looks for a module of the standard library that newer versions of Python do not have.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROBLEM = Problem("stale:eia", "the source eia is stale", "9 hours old", "Run a refresh.")


class Inbox(ThreadingHTTPServer):
    """A web server that keeps what it is sent, and answers with ``status``."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keeper)
        self.messages: list[dict] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Keeper(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status < 400:
            self.server.messages.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def block(prefect_server, inbox) -> str:
    """A webhook that is saved in Prefect; its name in the settings."""
    CustomWebhookNotificationBlock(
        name="hook",
        url=f"http://{inbox.address}/{{{{token}}}}",
        json_data={"title": "{{subject}}", "message": "{{body}}"},
        secrets={"token": "planted-secret"},
    ).save("hook", overwrite=True, _sync=True)
    return "custom-webhook/hook"


def settings_of(tmp_path, **given) -> Settings:
    return Settings(data_dir=tmp_path / "data", _env_file=None, **given)


def round_of(settings: Settings, problems: list[Problem], minutes: int = 0):
    channels, _ = channels_of(settings)
    return tell(settings, problems, channels, NOON + timedelta(minutes=minutes))


def test_a_block_is_told_once_with_the_remedy_and_once_that_it_is_over(tmp_path, inbox, block):
    settings = settings_of(tmp_path, alert_blocks=block)
    for minutes in (0, 10, 20):
        round_of(settings, [PROBLEM], minutes)
    (message,) = inbox.messages
    assert message["title"] == "Joulehouse: the source eia is stale"
    assert "9 hours old" in message["message"]
    assert "To do: Run a refresh." in message["message"]
    for minutes in (30, 40):
        round_of(settings, [], minutes)
    assert len(inbox.messages) == 2
    assert inbox.messages[1]["title"] == "Joulehouse: over: the source eia is stale"
    assert "from 2026-11-22T12:00Z to 2026-11-22T12:30Z" in inbox.messages[1]["message"]
    assert read_problems(settings) == []
    # The same again is a new problem.
    round_of(settings, [PROBLEM], 50)
    assert len(inbox.messages) == 3


def test_an_address_of_the_settings_is_told_too(tmp_path, inbox, prefect_server):
    settings = settings_of(
        tmp_path, alert_urls=f"json://{inbox.address}/a json://{inbox.address}/b"
    )
    round_of(settings, [PROBLEM])
    assert [one["title"] for one in inbox.messages] == ["Joulehouse: the source eia is stale"] * 2


def test_several_problems_at_once_are_one_message(tmp_path, inbox, block):
    settings = settings_of(tmp_path, alert_blocks=block)
    other = Problem("build", "the published build is old", "40 hours", "Run `joulehouse refresh`.")
    round_of(settings, [PROBLEM, other])
    (message,) = inbox.messages
    assert message["title"] == "Joulehouse: 2 problems"
    assert "eia is stale" in message["message"]
    assert "build is old" in message["message"]


def test_a_channel_that_cannot_be_reached_is_told_later_and_no_secret_is_logged(
    tmp_path, inbox, block, caplog
):
    closed = f"json://user:planted-secret@127.0.0.1:{free_port()}/planted-secret"
    settings = settings_of(tmp_path, alert_blocks=block, alert_urls=closed)
    inbox.status = 500
    with caplog.at_level("DEBUG", logger="joulehouse"):
        round_of(settings, [PROBLEM])
    assert inbox.messages == []
    assert read_problems(settings)[0].told == ()
    assert "custom-webhook/hook could not be reached (HTTPStatusError 500)" in caplog.text
    assert "address 1 (json) could not be reached" in caplog.text
    assert "planted-secret" not in caplog.text
    assert "planted-secret" not in repr(settings)
    inbox.status = 200
    round_of(settings, [PROBLEM], 10)
    assert len(inbox.messages) == 1
    # The note is sent again, too, until it arrives.
    inbox.status = 503
    round_of(settings, [], 20)
    inbox.status = 200
    round_of(settings, [], 30)
    round_of(settings, [], 40)
    assert [one["title"][:16] for one in inbox.messages] == ["Joulehouse: the ", "Joulehouse: over"]


def test_a_block_that_does_not_exist_is_itself_a_problem(tmp_path, prefect_server):
    channels, problems = channels_of(settings_of(tmp_path, alert_blocks="slack-webhook/nobody"))
    assert channels == []
    assert [problem.key for problem in problems] == ["channel:slack-webhook/nobody"]


def keys(workspace, now: datetime) -> set[str]:
    records = Journal(workspace.settings).records()
    return {problem.key for problem in problems_now(workspace.settings, records, now)}


def test_a_source_is_stale_after_its_limit_and_a_build_after_its_own(here):
    late = {"stale:tiny", "stale:other"}  # read at noon, daily: late after two days
    assert not keys(here, NOON + timedelta(hours=35)) & {*late, "build"}
    assert keys(here, NOON + timedelta(hours=37)) & {*late, "build"} == {"build"}
    assert keys(here, NOON + timedelta(hours=49)) & {*late, "build"} == {*late, "build"}


def test_an_open_circuit_is_a_problem_until_the_source_is_read_again(here):
    circuit = Circuit(here.settings, "tiny")
    for _ in range(here.settings.circuit_failures):
        circuit.fail(NOON, "it is down")
    assert "failing:tiny" in keys(here, NOON)
    # While one run tries again it is not over yet.
    assert "failing:tiny" in keys(here, NOON + timedelta(hours=5))
    circuit.succeed()
    assert "failing:tiny" not in keys(here, NOON)


def test_a_failed_flow_is_told_and_is_over_after_the_next_good_run(here, inbox, monkeypatch, block):
    monkeypatch.setenv("JOULEHOUSE_ALERT_BLOCKS", block)
    get_settings.cache_clear()
    for source_id in ("tiny", "other"):
        here.take_away(source_id, "first.csv")
        here.put(source_id, "unreachable")
    with pytest.raises(SourceError):
        refresh(may_train=False)
    assert "flow:refresh" in watch()
    assert "flow:refresh" in watch()
    (message,) = [one for one in inbox.messages if "the flow refresh failed" in str(one)]
    assert "no source could be read" in message["message"]
    for source_id in ("tiny", "other"):
        here.take_away(source_id, "unreachable")
        here.put(source_id, "first.csv", "name,quantity\nalpha,1\n")
    refresh(may_train=False)
    assert "flow:refresh" not in watch()
    assert "Over: the flow refresh failed" in inbox.messages[-1]["message"]


def test_a_scheduled_fetch_that_failed_is_the_sources_problem_until_it_is_read(here):
    deployment = Deployment(ingest, "tiny", "Fetch tiny.", parameters={"source_ids": ["tiny"]})
    deployment_id = deployment.to_runner().apply(_sync=True)
    with get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(deployment_id)
        client.set_flow_run_state(run.id, Failed(message="it was refused"), force=True)
        now = datetime.now(UTC) + timedelta(seconds=1)
        assert "failing:tiny" in keys(here, now)
        ingest(as_of=now, source_ids=["tiny"])
        assert "failing:tiny" not in keys(here, now)
        client.delete_deployment(deployment_id)
