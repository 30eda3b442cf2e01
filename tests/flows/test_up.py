"""``joulehouse up``: everything answers, and everything ends."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress

import httpx
import psutil
import pytest

from flows.ports import why_not_free
from flows.prefect_server import answers, free_port, running_services
from flows.serve import deployments

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

READY = "Ctrl-C ends all of it"


class Up:
    """A running ``joulehouse up`` on ports of its own."""

    def __init__(self, workspace) -> None:
        self.workspace = workspace
        self.dashboard_port, self.prefect_port = free_port(), free_port()
        self.process = workspace.start(
            *("up", "--no-refresh"),
            *("--dashboard-port", str(self.dashboard_port)),
            *("--prefect-port", str(self.prefect_port)),
            # The schedules know the real sources: all but one stand still here.
            JOULEHOUSE_SOURCES="leadgreen",
        )
        self.output = ""
        while READY not in self.output:
            line = self.process.stdout.readline()
            if not line:
                self.end()
                pytest.fail(f"it was never ready: {self.output}")
            self.output += line

    def end(self) -> None:
        """End it, if it still runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)
        self.process.stdout.close()

    @property
    def dashboard_url(self) -> str:
        return f"http://127.0.0.1:{self.dashboard_port}"

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.prefect_port}/api"

    def ask(self, path: str, **body: object):
        """What the Prefect API answers to a POST."""
        answer = httpx.post(f"{self.api_url}{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def tree(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def child(self, word: str) -> psutil.Process | None:
        """The living child that has this word in its command line."""
        for one in self.tree():
            with suppress(psutil.NoSuchProcess):  # which a zombie is too
                if word in one.cmdline():
                    return one
        return None


@pytest.fixture
def up(workspace):
    running = Up(workspace)
    yield running
    running.end()


def is_over(tree: list[psutil.Process]) -> bool:
    return all(not one.is_running() or one.status() == psutil.STATUS_ZOMBIE for one in tree)


def test_everything_answers_recovers_and_ends(up, until):
    assert answers(up.dashboard_url)
    assert answers(f"{up.api_url}/health")
    assert f"dashboard    http://localhost:{up.dashboard_port}" in up.output

    # Every deployment with a schedule has runs waiting: with SQLAlchemy 2.1 none ever came.
    served = deployments(up.workspace.settings.model_copy(update={"sources": ("leadgreen",)}))
    wanted = {(one.flow.name, one.name) for one in served if one.rhythm and one.is_active}
    assert ("ingest", "leadgreen") in wanted
    assert ("watch", "frequent") in wanted

    def scheduled() -> bool:
        flows = {flow["id"]: flow["name"] for flow in up.ask("/flows/filter")}
        deployments = {
            one["id"]: (flows.get(one["flow_id"]), one["name"])
            for one in up.ask("/deployments/filter")
        }
        runs = up.ask("/flow_runs/filter", flow_runs={"state": {"type": {"any_": ["SCHEDULED"]}}})
        return wanted <= {deployments.get(run["deployment_id"]) for run in runs}

    until(scheduled, "a scheduled run of each deployment")

    # The watch has a runner of its own, which takes what is due.
    watch = next(one for one in up.ask("/deployments/filter") if one["name"] == "frequent")
    asked = up.ask(f"/deployments/{watch['id']}/create_flow_run", state={"type": "SCHEDULED"})

    def is_completed() -> bool:
        (run,) = up.ask("/flow_runs/filter", flow_runs={"id": {"any_": [asked["id"]]}})
        return run["state"]["type"] == "COMPLETED"

    until(is_completed, "the end of a watch that was asked for")

    # A second one on the same data is told where the first is.
    second = up.workspace.run("up", "--no-refresh")
    assert second.returncode == 1
    assert f"pid {up.process.pid}" in second.stderr
    assert up.dashboard_url in second.stderr

    # A child that dies is started again, and the log says so.
    dashboard = up.child("panel_app")
    dashboard.kill()
    until(lambda: up.child("panel_app") not in (None, dashboard), "another dashboard")
    until(lambda: answers(up.dashboard_url), "the dashboard's answer")

    # A refresh beside it reports to its server.
    done = up.workspace.run("refresh", "--no-train")
    assert done.returncode == 0, done.stdout + done.stderr
    assert up.api_url in done.stdout
    names = {run["name"] for run in up.ask("/flow_runs/filter")}
    assert any(name.startswith("refresh-20") for name in names)

    tree = up.tree()
    up.process.send_signal(signal.SIGINT)
    rest = up.process.stdout.read()
    assert up.process.wait(timeout=60) == 0, rest
    assert "dashboard ended with status -9; starting it again (1 of 3)" in rest
    until(lambda: is_over(tree), "the end of every process")
    assert why_not_free("127.0.0.1", up.dashboard_port) is None
    assert why_not_free("127.0.0.1", up.prefect_port) is None
    assert running_services(up.workspace.settings) is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_it_however_it_ends(up, until, number):
    tree = up.tree()
    assert len(tree) >= 4  # itself, Prefect, schedules, dashboard
    os.kill(up.process.pid, number)
    up.process.wait(timeout=60)
    until(lambda: is_over(tree), "the end of every process")
    assert why_not_free("127.0.0.1", up.dashboard_port) is None
    assert why_not_free("127.0.0.1", up.prefect_port) is None
    assert running_services(up.workspace.settings) is None


@pytest.mark.parametrize(
    ("taken", "option"),
    [("dashboard", "--dashboard-port"), ("prefect", "--prefect-port")],
)
def test_a_taken_port_is_named_with_its_holder_and_the_way_out(workspace, taken, option):
    ports = {"dashboard": free_port(), "prefect": free_port()}
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ports[taken] = other.getsockname()[1]
        done = workspace.run(
            *("up", "--dashboard-port", str(ports["dashboard"])),
            *("--prefect-port", str(ports["prefect"])),
        )
    assert done.returncode == 1
    assert f"port {ports[taken]}" in done.stderr
    assert f"(pid {os.getpid()})" in done.stderr
    assert f"{option} {ports[taken] + 1}" in done.stderr
    assert done.stdout == ""  # nothing was begun


def test_one_port_for_both_is_refused(workspace):
    done = workspace.run("up", "--dashboard-port", "5999", "--prefect-port", "5999")
    assert done.returncode == 1
    assert "both to listen on port 5999" in done.stderr
