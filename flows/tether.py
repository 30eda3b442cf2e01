"""Child processes that never outlive their parent, however it dies.

A child runs in a process group of its own, so that a Ctrl-C meant for the parent does not reach
it and the whole group can be ended at once. Its standard input is a pipe that only the parent
holds open: when the parent dies, even by ``kill -9``, the operating system closes the pipe and
the child ends its group. (Prefect's own temporary server and a plain ``subprocess`` would go on:
the one would keep a port, the other a DuckDB lock.)

``python -m flows.tether TARGET ARGUMENTS`` is the child's side: it runs ``python -m TARGET``, or
calls the function of a TARGET such as ``package.module:function``, with that watch.
"""

from __future__ import annotations

import os
import pkgutil
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_GRACE_S = 8.0


def start_child(
    target: str,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    output: int | IO[bytes] | None,
) -> subprocess.Popen[bytes]:
    """Start a Python program tethered to this process.

    Args:
        target: A module that can be run with ``python -m``, or ``module:function``.
        arguments: Its command line.
        environment: Variables to add to this process's own.
        folder: Working directory.
        output: Where its output and errors go: a file, ``subprocess.PIPE``, or None: where ours go.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "flows.tether", target, *arguments],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        env=os.environ | dict(environment),
        cwd=folder,
        start_new_session=True,
    )


def end_child(child: subprocess.Popen[bytes], *, grace_s: float = _GRACE_S) -> int:
    """Ask the child's process group to end, and after ``grace_s`` seconds make it.

    Returns:
        The child's exit status (negative: the signal that ended it).
    """
    _signal_group(child.pid, signal.SIGTERM)
    try:
        child.wait(timeout=grace_s)
    except subprocess.TimeoutExpired:
        _signal_group(child.pid, signal.SIGKILL)
        child.wait()
    # What the child itself started and left behind.
    _signal_group(child.pid, signal.SIGKILL)
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    return child.returncode


def _signal_group(group_id: int, number: signal.Signals) -> None:
    try:
        os.killpg(group_id, number)
    except (ProcessLookupError, PermissionError):
        # Gone already. macOS says "not permitted" of a group that holds only dead processes.
        return


def _end_with_parent() -> None:
    """Wait until the parent's end of the pipe is closed, then end this process group."""
    while os.read(0, 1024):
        continue
    group_id = os.getpgid(0)
    _signal_group(group_id, signal.SIGTERM)
    threading.Event().wait(_GRACE_S)
    _signal_group(group_id, signal.SIGKILL)


def main() -> None:
    """Run what the command line names, for as long as the parent lives."""
    threading.Thread(target=_end_with_parent, name="tether", daemon=True).start()
    target = sys.argv[1]
    sys.argv = sys.argv[1:]
    if ":" in target:
        sys.exit(pkgutil.resolve_name(target)())
    runpy.run_module(target, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
