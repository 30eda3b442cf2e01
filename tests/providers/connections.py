"""Requests as they came, and lines that are cut."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True)
class Received:
    """A request as it came.

    Attributes:
        path: below the provider's prefix.
        query: as sent, not decoded.
        headers: by name in lower case.
        at_s: when, on the server's monotonic clock.
        in_flight: how many requests this provider was answering, this one included.
        status: what it was answered with; 0 while it is not, or if the connection was cut.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    at_s: float
    in_flight: int
    status: int = field(default=0, compare=False)

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


class Protocol(H11Protocol):
    """Remembers connections, so that a fault can cut one."""

    transports: dict[tuple[str, int], asyncio.Transport] = {}  # noqa: RUF012 - shared on purpose

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transports[tuple(transport.get_extra_info("peername")[:2])] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        peer = self.transport.get_extra_info("peername")
        if peer:
            self.transports.pop(tuple(peer[:2]), None)
        super().connection_lost(exc)


async def hang(request: Request, seconds: float) -> None:
    """Wait until the client has had enough."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), seconds)
    except TimeoutError:
        transport = Protocol.transports.get(tuple(request.scope["client"]))
        if transport is not None:
            transport.abort()
