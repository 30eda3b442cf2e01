"""The server: every provider below its prefix, in a thread, on the loopback address."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import uvicorn
from local_providers import NOON, World, find_providers
from local_providers.answers import stand_in, with_secrets
from local_providers.connections import Protocol, Received, hang
from local_providers.faults import ActiveFaults, Fault, Faults
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send


class ProviderServer:
    """All providers on one port.

    Attributes:
        world: the simulated clock; ``server.world.now = ...`` sets it.
        faults: the switches.
    """

    def __init__(self, now: datetime | Callable[[], datetime] = NOON, port: int = 0) -> None:
        self.reset(now)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                self._answer,
                interface="asgi3",
                http=Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                date_header=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._run, name="local providers", daemon=True)

    def reset(self, now: datetime | Callable[[], datetime] = NOON) -> None:
        """All data as at the beginning, no fault, nothing received."""
        self.world = World(now)
        self.faults = Faults()
        self._providers = find_providers(self.world)
        self._apps = {
            source_id: Starlette(routes=list(provider.routes()))
            for source_id, provider in self._providers.items()
        }
        self._received: dict[str, list[Received]] = {name: [] for name in self._providers}
        self._in_flight = dict.fromkeys(self._providers, 0)
        self._windows: dict[int, deque[float]] = {}

    def start(self) -> ProviderServer:
        """Answer from now on."""
        self._thread.start()
        while not self._uvicorn.started:
            if not self._thread.is_alive():
                raise RuntimeError("the local provider server did not start")
            time.sleep(0.002)
        return self

    def stop(self) -> None:
        """Answer no more; waits for the thread."""
        self._uvicorn.force_exit = True
        self._uvicorn.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._socket.close()

    def __enter__(self) -> ProviderServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def source_ids(self) -> tuple[str, ...]:
        return tuple(self._providers)

    def url(self, source_id: str) -> str:
        """A provider's base address."""
        return f"http://127.0.0.1:{self.port}/{self._providers[source_id].source_id}"

    def state(self, source_id: str) -> Any:
        """A provider with its data, to change or to ask for the truth."""
        return self._providers[source_id]

    def environment(self, source_ids: Iterable[str] | None = None) -> dict[str, str]:
        """The variables, keys included, that point clients here."""
        chosen = self.source_ids if source_ids is None else tuple(source_ids)
        return {
            name: value
            for source_id in chosen
            for name, value in self._providers[source_id].environment(self.url(source_id)).items()
        }

    def secrets(self) -> tuple[str, ...]:
        """Every value that no client may write down."""
        return tuple(
            secret
            for provider in self._providers.values()
            for secret in ([provider.key] if provider.key_env else [])
            + [*provider.secrets.values()]
        )

    def requests(self, source_id: str, path_part: str = "") -> list[Received]:
        """What was asked of a provider, oldest first."""
        return [each for each in self._received[source_id] if path_part in each.target]

    def forget_requests(self) -> None:
        """Count from nothing again."""
        for received in self._received.values():
            received.clear()

    def most_within(self, source_id: str, seconds: float) -> int:
        """The most requests that came within any time of this length."""
        times = [each.at_s for each in self._received[source_id]]
        return max((sum(t <= at < t + seconds for at in times) for t in times), default=0)

    def _run(self) -> None:
        # A log of requests would hold the keys that clients must not write down.
        logging.getLogger("uvicorn.access").disabled = True
        self._uvicorn.run(sockets=[self._socket])

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        source_id = scope["path"].lstrip("/").split("/", 1)[0]
        if source_id not in self._providers:
            known = ", ".join(self._providers)
            await PlainTextResponse(f"No provider here. There are: {known}\n", 404)(
                scope, receive, send
            )
            return
        prefix = f"/{source_id}"
        path = scope["path"][len(prefix) :] or "/"
        scope = {**scope, "root_path": prefix, "path": prefix + path}
        in_flight = self._in_flight
        in_flight[source_id] += 1
        received = Received(
            scope["method"],
            path,
            scope["query_string"].decode("latin-1"),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            time.monotonic(),
            in_flight[source_id],
        )
        self._received[source_id].append(received)
        active = self.faults.take(source_id, received.target)
        scope["local_faults"] = active
        try:
            response = await self._respond(source_id, Request(scope, receive), active)
            if response is not None:
                object.__setattr__(received, "status", response.status_code)
                await self._send(response, scope, receive, send, active)
        finally:
            in_flight[source_id] -= 1

    async def _respond(
        self, source_id: str, request: Request, active: ActiveFaults
    ) -> Response | None:
        """The answer; None if there shall be none."""
        provider = self._providers[source_id]
        if slow := active.get("slow"):
            await asyncio.sleep(slow.option("seconds", 0.05))
        if (limit := active.get("rate_limit")) and (refused := self._too_fast(limit)):
            return refused
        if fault := active.instead():
            if fault.kind == "timeout":
                await hang(request, fault.option("seconds", 60))
                return None
            return stand_in(fault, provider, request)
        refusal = provider.refusal(request)
        if refusal is not None:
            return refusal
        return await _capture(self._apps[source_id], request)

    def _too_fast(self, fault: Fault) -> Response | None:
        """A 429 if more than ``requests`` came within ``seconds``; refused ones count too."""
        window = self._windows.setdefault(id(fault), deque())
        now, seconds = time.monotonic(), fault.option("seconds", 1.0)
        while window and window[0] <= now - seconds:
            window.popleft()
        window.append(now)
        if len(window) <= fault.option("requests", 5):
            return None
        fault.options["refused"] = fault.option("refused", 0) + 1
        return JSONResponse({"error": "Too many requests"}, 429, {"Retry-After": "1"})

    async def _send(
        self, response: Response, scope: Scope, receive: Receive, send: Send, active: ActiveFaults
    ) -> None:
        body = _spoil(response, scope, active)
        if (cut := active.get("reset") or active.get("closed")) is None:
            await response(scope, receive, send)
            return
        await send(
            {"type": "http.response.start", "status": response.status_code,
             "headers": response.raw_headers}
        )  # fmt: skip
        await send(
            {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
        )
        # Let the half body reach the client before the line is cut.
        await asyncio.sleep(0.02)
        transport = Protocol.transports[tuple(scope["client"])]
        if cut.kind == "reset":
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger
            )
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def _spoil(response: Response, scope: Scope, active: ActiveFaults) -> bytes:
    """Change body and headers as the faults say; the body."""
    body = bytes(response.body)
    if echo := active.get("echo_secrets"):
        body = with_secrets(body, scope, echo)
    if active.get("truncated"):
        body = body[: max(1, len(body) // 2)]
    if wrong := active.get("wrong_type"):
        response.headers["content-type"] = wrong.option("media_type", "text/html")
    if headers := active.get("headers"):
        for name, value in headers.options.items():
            response.headers[name.replace("_", "-")] = str(value)
    if not active.get("no_date"):
        skew = active.get("clock_skew")
        ahead_s = skew.option("seconds", 3600) if skew else 0
        clock = datetime.now(UTC) + timedelta(seconds=ahead_s)
        response.headers["date"] = format_datetime(clock, usegmt=True)
    if response.status_code != HTTPStatus.NOT_MODIFIED:
        response.headers["content-length"] = str(len(body))
    response.body = body
    return body


async def _capture(app: Starlette, request: Request) -> Response:
    """The whole answer of a provider's application."""
    status, headers, parts = 500, [], []

    async def keep(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], message["headers"]
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(request.scope, request.receive, keep)
    response = Response(b"".join(parts), status)
    response.raw_headers = list(headers)
    return response
