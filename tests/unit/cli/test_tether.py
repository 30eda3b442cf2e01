"""Children that never outlive their parent, and services that are started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from flows.supervisor import Service, Supervisor
from flows.tether import end_child, start_child
from warehouse.errors import JoulehouseError

DEADLINE_S = 30.0


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + DEADLINE_S
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > end:
            pytest.fail(f"process {pid} still runs after {DEADLINE_S:.0f} s")
        time.sleep(0.02)


@pytest.fixture
def module(tmp_path: Path):
    """A module to run as a child, found through PYTHONPATH."""

    def write(name: str, code: str) -> dict[str, str]:
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(code))
        return {"PYTHONPATH": str(tmp_path)}

    return write


GRANDCHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
print(child.pid, flush=True)
child.wait()
"""


def test_a_child_and_what_it_started_end_with_a_parent_that_is_killed(module, tmp_path: Path):
    environment = module("with_grandchild", GRANDCHILD)
    parent_code = f"""
import subprocess, sys
from pathlib import Path
from flows.tether import start_child
child = start_child("with_grandchild", [], environment={environment!r},
                    folder=Path({str(tmp_path)!r}), output=None)
print(child.pid, flush=True)
child.wait()
"""
    with subprocess.Popen(
        [sys.executable, "-P", "-c", parent_code], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(parent.stdout.readline()) for _ in range(2)]
        os.kill(parent.pid, signal.SIGKILL)
    for pid in pids:
        wait_until_gone(pid)


def test_a_child_that_will_not_end_is_made_to(module, tmp_path: Path):
    environment = module(
        "stubborn",
        """
        import signal, threading
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        threading.Event().wait()
        """,
    )
    child = start_child(
        "stubborn", [], environment=environment, folder=tmp_path, output=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    assert end_child(child, grace_s=0.1) == -signal.SIGKILL


def test_a_function_can_be_the_target_and_its_status_comes_back(module, tmp_path: Path):
    environment = module("seven", "def answer():\n    return 7\n")
    child = start_child(
        "seven:answer", [], environment=environment, folder=tmp_path, output=subprocess.DEVNULL
    )
    child.wait(timeout=DEADLINE_S)
    assert end_child(child) == 7


def test_a_service_that_keeps_dying_is_given_up_with_its_last_words(module, tmp_path: Path):
    environment = module("dying", "print('no more')\nraise SystemExit(3)\n")
    supervisor = Supervisor()
    supervisor.start(
        Service(
            name="the dying one",
            target="dying",
            arguments=[],
            environment=environment,
            folder=tmp_path,
            log_path=tmp_path / "logs" / "dying.log",
        )
    )
    with pytest.raises(JoulehouseError, match="ended with status 3 after 3 restarts") as caught:
        supervisor.run()
    assert "no more" in caught.value.remedy
    supervisor.end()


def test_a_service_that_never_answers_says_how_it_ended(module, tmp_path: Path):
    environment = module("silent", "raise SystemExit('cannot start')\n")
    service = Service(
        name="the silent one",
        target="silent",
        arguments=[],
        environment=environment,
        folder=tmp_path,
        log_path=tmp_path / "silent.log",
        health_url="http://127.0.0.1:9/",
    )
    supervisor = Supervisor()
    with pytest.raises(JoulehouseError, match="ended with status 1 before it answered") as caught:
        supervisor.start(service)
    assert "cannot start" in caught.value.remedy
    supervisor.end()
