"""Time and peak memory of a command and everything that it starts."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

_SAMPLE_EVERY_S = 0.2
_AT_MOST_S = 1200


@dataclass(frozen=True)
class Measured:
    """What a command took. Memory is the sum over its process tree, at its highest."""

    wall_s: float
    peak_memory_gib: float
    output: str


def _measure(command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Measured:
    """Run a command to its end; it must succeed."""
    started = time.perf_counter()
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peaks = [0]
    is_over = threading.Event()

    def sample() -> None:
        while not is_over.wait(_SAMPLE_EVERY_S):
            peaks.append(_memory_of_tree(child.pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        output, _ = child.communicate(timeout=_AT_MOST_S)
    finally:
        is_over.set()
        sampler.join()
    assert child.returncode == 0, output
    return Measured(time.perf_counter() - started, max(peaks) / 2**30, output)


@pytest.fixture(scope="session")
def measure() -> Callable[..., Measured]:
    """The function that runs and measures one command."""
    return _measure


def _memory_of_tree(process_id: int) -> int:
    """Bytes that the tree holds and shares with nobody else."""
    total = 0
    try:
        root = psutil.Process(process_id)
        for process in (root, *root.children(recursive=True)):
            total += _own_memory(process)
    except psutil.NoSuchProcess:
        return total
    return total


def _own_memory(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().uss
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
