"""Keeping a few child processes alive together, and ending all of them together."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from flows.prefect_server import last_lines, wait_until_answering
from flows.progress import step, warn
from flows.tether import end_child, start_child
from warehouse.errors import JoulehouseError

_MOST_RESTARTS = 3
_POLL_S = 0.3


@dataclass
class Service:
    """A child that is to run until we end."""

    name: str
    target: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log_path: Path
    health_url: str | None = None
    restarts: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            JoulehouseError: it ended or did not answer in time.
        """
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        if self.log_path.exists():
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("wb") as log:
            self.process = start_child(
                self.target,
                self.arguments,
                environment=self.environment,
                folder=self.folder,
                output=log,
            )
        if self.health_url is not None:
            wait_until_answering(self.health_url, self.process, self.name, self.log_path)

    def has_died(self) -> bool:
        """Whether it was started and is gone."""
        return self.process is not None and self.process.poll() is not None


@dataclass
class Supervisor:
    """Services that live and end together."""

    services: list[Service] = field(default_factory=list)

    def start(self, service: Service) -> None:
        """Start a service and keep it from now on."""
        self.services.append(service)
        with step(f"start {service.name}") as progress:
            service.start()
            progress.detail = service.health_url or ""

    def run(self) -> None:
        """Watch the services for ever; one that dies is started again, a few times.

        Raises:
            JoulehouseError: a service died too often.
        """
        while True:
            for service in self.services:
                if service.has_died():
                    self._start_again(service)
            time.sleep(_POLL_S)

    def end(self) -> None:
        """End every service, the last started first."""
        for service in reversed(self.services):
            if service.process is not None:
                end_child(service.process)

    @staticmethod
    def _start_again(service: Service) -> None:
        assert service.process is not None
        status = end_child(service.process)
        ending = f"{service.name} ended with status {status}"
        if service.restarts >= _MOST_RESTARTS:
            raise JoulehouseError(
                f"{ending} after {service.restarts} restarts.", remedy=last_lines(service.log_path)
            )
        service.restarts += 1
        warn(f"{ending}; starting it again ({service.restarts} of {_MOST_RESTARTS})")
        warn(last_lines(service.log_path))
        service.start()


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP raise ``KeyboardInterrupt`` like Ctrl-C does, while the block runs."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a block that cleans up run to its end: it is bounded, a second Ctrl-C must wait."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
