"""The Prefect server that a run reports to: the one of ``joulehouse up``, or one for the moment.

Both keep their state in the same database under the data directory, so that every run is seen in
the UI later. Prefect's own temporary server is not used: it takes longer to answer and goes on
after its parent was killed.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from flows.tether import end_child, start_child
from warehouse.errors import JoulehouseError
from warehouse.files import write_atomically
from warehouse.settings import Settings

_STARTUP_TIMEOUT_S = 90.0
_POLL_S = 0.05


@dataclass(frozen=True)
class Services:
    """What a running ``joulehouse up`` serves, and the process that does."""

    pid: int
    process_started_at: float
    dashboard_url: str
    prefect_url: str

    def write(self, settings: Settings) -> None:
        """Let the other commands of these settings know."""
        write_atomically(_services_path(settings), json.dumps(asdict(self), indent=2).encode())


def forget_services(settings: Settings) -> None:
    """Say that nothing is served any more."""
    _services_path(settings).unlink(missing_ok=True)


def running_services(settings: Settings) -> Services | None:
    """What ``joulehouse up`` serves for these settings now; None if it does not run."""
    try:
        found = Services(**json.loads(_services_path(settings).read_bytes()))
        process = psutil.Process(found.pid)
    except (FileNotFoundError, ValueError, TypeError, psutil.NoSuchProcess):
        return None
    is_same = abs(process.create_time() - found.process_started_at) < 1
    return found if is_same else None


def prefect_environment(settings: Settings, api_url: str) -> dict[str, str]:
    """Environment variables for every process that imports Prefect.

    State under the data directory, no telemetry, no questions, our log records sent to the
    server, and only what is worth reading on the console.
    """
    return {
        "PREFECT_HOME": str(settings.prefect_home),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_API_HOST": settings.prefect_host,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "joulehouse",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }


@contextmanager
def reporting_to_prefect(settings: Settings, meanwhile: Callable[[], object]) -> Iterator[str]:
    """Set this process up to report to a Prefect server while the block runs.

    Call it before Prefect is imported. The server of ``joulehouse up`` is used if it runs; else
    one is started on a free port, without schedules, and ended with the block.

    Args:
        settings: Where Prefect keeps its state.
        meanwhile: Is called while the server starts, which takes five seconds: to import.

    Yields:
        The address of the server's API.

    Raises:
        JoulehouseError: the server did not come up.
    """
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    services = running_services(settings)
    if services is not None and answers(f"{services.prefect_url}/api/health"):
        api_url = f"{services.prefect_url}/api"
        os.environ.update(prefect_environment(settings, api_url))
        yield api_url
        return
    port = free_port()
    api_url = f"http://127.0.0.1:{port}/api"
    environment = prefect_environment(settings, api_url)
    os.environ.update(environment)
    log_path = settings.logs_dir / "prefect-temporary.log"
    quiet = {
        f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false"
        for service in ("SCHEDULER", "LATE_RUNS", "FOREMAN", "PAUSE_EXPIRATIONS", "TRIGGERS")
    }
    server = start_server(
        settings, "127.0.0.1", port, environment | quiet | {"PREFECT_UI_ENABLED": "0"}, log_path
    )
    try:
        meanwhile()
        wait_until_answering(f"{api_url}/health", server, "the Prefect server", log_path)
        try:
            yield api_url
        finally:
            _send_what_is_left()
    finally:
        end_child(server)


def _send_what_is_left() -> None:
    """Send the log records and events that still wait, before their server is ended."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    APILogWorker.instance().drain()
    EventsWorker.drain_all()


def start_server(
    settings: Settings, host: str, port: int, environment: dict[str, str], log_path: Path
) -> subprocess.Popen[bytes]:
    """Start a Prefect server, tethered to this process."""
    settings.prefect_home.mkdir(parents=True, exist_ok=True)
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("wb") as log:
        return start_child(
            "prefect",
            ["server", "start", "--host", host, "--port", str(port)],
            environment=environment,
            folder=settings.project_dir,
            output=log,
        )


def wait_until_answering(
    url: str,
    process: subprocess.Popen[bytes],
    name: str,
    log_path: Path,
    *,
    timeout_s: float = _STARTUP_TIMEOUT_S,
) -> None:
    """Wait until ``url`` answers.

    Raises:
        JoulehouseError: the process ended, or time ran out; the message shows its last lines.
    """
    deadline = time.monotonic() + timeout_s
    while not answers(url):
        if process.poll() is not None:
            raise JoulehouseError(
                f"{name} ended with status {process.returncode} before it answered at {url}.",
                remedy=last_lines(log_path),
            )
        if time.monotonic() > deadline:
            raise JoulehouseError(
                f"{name} did not answer at {url} within {timeout_s:.0f} s.",
                remedy=last_lines(log_path),
            )
        time.sleep(_POLL_S)


def answers(url: str, *, timeout_s: float = 2.0) -> bool:
    """Whether a GET of ``url`` on this machine is answered with success."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout_s) as response:
            return bool(response.status < 400)
    except (urllib.error.URLError, OSError):
        return False


def last_lines(log_path: Path, count: int = 12) -> str:
    """The end of a log file, with its name."""
    if not log_path.exists():
        return f"Its log {log_path} was not written."
    lines = log_path.read_text(errors="replace").splitlines()[-count:]
    return "\n".join([f"The end of {log_path}:", *(f"  {line}" for line in lines)])


def free_port() -> int:
    """A port that is free on the loopback interface at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _services_path(settings: Settings) -> Path:
    return settings.data_dir / "up.json"
