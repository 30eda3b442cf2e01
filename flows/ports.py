"""Whether a port can be had, and who has it if not."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

import psutil

from warehouse.errors import JoulehouseError


@dataclass(frozen=True)
class WantedPort:
    """A port that something of ours is to listen on, and how to choose another."""

    purpose: str
    host: str
    port: int
    option: str
    variable: str


def require_free(wanted: WantedPort) -> None:
    """Prove that the port can be listened on.

    Raises:
        JoulehouseError: it cannot; the message names the process that has it and the way to
            choose another.
    """
    reason = why_not_free(wanted.host, wanted.port)
    if reason is None:
        return
    another = wanted.port + 1
    raise JoulehouseError(
        f"port {wanted.port}, wanted for {wanted.purpose}, {reason}.",
        remedy=f"Stop that, or choose another port: `{wanted.option} {another}` or "
        f"{wanted.variable}={another}.",
    )


def why_not_free(host: str, port: int) -> str | None:
    """Why nothing new can listen on the port; None if it is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port that only waits for its last packets counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"is taken by {_holder(port)}"
            return f"cannot be had on {host}: {error.strerror}"
    return None


def _holder(port: int) -> str:
    try:
        pids = {
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
            and getattr(connection.laddr, "port", 0) == port
        }
        names = [f"{psutil.Process(pid).name()} (pid {pid})" for pid in pids if pid is not None]
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        names = []  # macOS shows the processes of others only to root
    return ", ".join(names) or "another program"
