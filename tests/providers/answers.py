"""The answers that stand in the place of a provider's own, and what careless providers add."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from local_providers import Provider
from local_providers.faults import Fault
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
MAINTENANCE = "<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"
FORBIDDEN = "<html><body><h1>403 Forbidden</h1>Request blocked.</body></html>"


def stand_in(fault: Fault, provider: Provider, request: Request) -> Response:
    """The answer of a fault that lets the provider itself say nothing."""
    headers = {}
    if (wait_s := fault.option("retry_after")) is not None:
        headers["Retry-After"] = str(wait_s)
    if fault.kind == "429_date":
        until = datetime.now(UTC) + timedelta(
            seconds=fault.option("seconds", 1) + fault.option("skew_s", 0)
        )
        headers["Retry-After"] = format_datetime(until, usegmt=True)
    message = fault.option("message", "")
    if fault.kind == "redirect":
        headers["Location"] = fault.option("to", "/")
    answers: dict[str, Callable[[], Response]] = {
        "401": lambda: JSONResponse({"error": message or "Invalid authentication"}, 401, headers),
        "403": lambda: JSONResponse(
            {"error": {"code": "FORBIDDEN", "message": message or "No access"}}, 403, headers
        ),
        "403_html": lambda: HTMLResponse(FORBIDDEN, 403, headers),
        "403_text": lambda: PlainTextResponse(message or "error code: 1010", 403, headers),
        "404": lambda: JSONResponse({"error": message or "Not found.", "code": 404}, 404, headers),
        "429": lambda: JSONResponse({"message": message or "Too many requests"}, 429, headers),
        "429_date": lambda: JSONResponse({"message": "Too many requests"}, 429, headers),
        "500": lambda: JSONResponse({"error": message or "Internal Server Error"}, 500, headers),
        "502_html": lambda: HTMLResponse(BAD_GATEWAY, 502, headers),
        "503": lambda: PlainTextResponse("Service Unavailable", 503, headers),
        "redirect": lambda: PlainTextResponse("Moved", 302, headers),
        "html_200": lambda: HTMLResponse(MAINTENANCE, 200, headers),
        "empty": lambda: Response(
            b"", 200, headers, media_type=fault.option("media_type", "application/json")
        ),
        "error_200": lambda: provider.error_in_200(request),
    }
    return answers[fault.kind]()


def with_secrets(body: bytes, scope: Scope, fault: Fault) -> bytes:
    """The body with the request's own query and credentials in it, as careless providers do."""
    headers = dict(scope["headers"])
    sent = (
        scope["query_string"]
        + b" "
        + b" ".join(
            headers.get(name, b"") for name in (b"auth-token", b"authorization", b"x-api-key")
        )
    )
    mark = fault.option("at", "").encode()
    if body.startswith(b"{"):
        text = sent.decode("latin-1").replace("\\", "").replace('"', "")
        return b'{"request_echo": "' + text.encode() + b'", ' + body[1:]
    return mark + body + b"\n<!-- " + sent + b" -->"
