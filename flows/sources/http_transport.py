"""Below the client: pace, waits that providers ask for, and proxies."""

from __future__ import annotations

import re
import socket
import time
from email.utils import parsedate_to_datetime
from urllib.request import getproxies, proxy_bypass

import httpx
from httpx_retries import RetryTransport
from pyrate_limiter import Limiter, Rate

from flows.sources.http_errors import ProviderDownError
from flows.sources.protocol import Limits

MAX_BODY_BYTES = 512 * 1024 * 1024
CONNECT_TIMEOUT_S = 10.0

_LEFT = re.compile(r'(?:^|[;,\s])(?:r|remaining)\s*=\s*"?(\d+)', re.IGNORECASE)
_RESET = re.compile(r'(?:^|[;,\s])(?:t|reset)\s*=\s*"?(\d+)', re.IGNORECASE)


def must_be_reachable(url: str, source_id: str) -> None:
    """See that a connection can be made, for a client that would try for half a minute.

    Raises:
        ProviderDownError: it cannot.
    """
    if proxy_of(url) is not None:
        return
    address = httpx.URL(url)
    port = address.port or {"http": 80}.get(address.scheme, 443)
    try:
        socket.create_connection((address.host, port), CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise ProviderDownError(
            f"{source_id}: {address.scheme}://{address.host}: no connection ({error}).",
            remedy="Check the network and the address; it is tried again at the next run.",
            is_unreachable=True,
        ) from None


def proxy_of(url: str) -> str | None:
    """The proxy that this machine's settings name for an address, if any."""
    address = httpx.URL(url)
    proxy = getproxies().get(address.scheme)
    return proxy if proxy and not proxy_bypass(address.host) else None


class LongWaitError(Exception):
    """The provider asks to wait longer than a run may. Not an httpx error: it is not repeated."""

    def __init__(self, status: int, wait_s: float) -> None:
        super().__init__(status, wait_s)
        self.status = status
        self.wait_s = wait_s


class CheckedTransport(httpx.BaseTransport):
    """Lets no broken body reach the cache, from where every later 304 would bring it back."""

    def __init__(self, inner: RetryTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and check the answer as the request's own retries do."""
        response = self._inner.handle_request(request)
        response.request = request
        check = request.extensions["retry"].validate_response
        if check is not None:
            check(response)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class PacedTransport(httpx.BaseTransport):
    """Sends no faster than the provider bears, and reads each body to its end.

    Reading here means that a connection that breaks in the middle of a body is an error of the
    request, which can be repeated.
    """

    def __init__(self, limits: Limits, max_wait_s: float, proxy: str | None) -> None:
        self._inner = httpx.HTTPTransport(
            limits=httpx.Limits(max_connections=limits.concurrency), retries=1, proxy=proxy
        )
        self._limiter = Limiter(Rate(limits.requests, int(limits.per.total_seconds() * 1000)))
        self._max_wait_s = max_wait_s
        self._not_before = 0.0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it when its turn has come.

        Raises:
            LongWaitError: the provider wants a longer wait than is allowed.
        """
        wait_s = self._not_before - time.monotonic()
        if wait_s > self._max_wait_s:
            raise LongWaitError(429, wait_s)
        if wait_s > 0:
            time.sleep(wait_s)
        self._limiter.try_acquire("request")
        response = self._inner.handle_request(request)
        response.request = request
        response.read()
        if len(response.content) > MAX_BODY_BYTES:
            raise httpx.DecodingError(f"more than {MAX_BODY_BYTES:,} bytes came", request=request)
        self._heed(response)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _heed(self, response: httpx.Response) -> None:
        """Remember how long the provider asks us to wait, if it does."""
        wait_s = _retry_after_s(response) if response.status_code in (429, 503) else None
        wait_s = _exhausted_for_s(response) if wait_s is None else wait_s
        if wait_s is None:
            return
        self._not_before = max(self._not_before, time.monotonic() + wait_s)
        if wait_s > self._max_wait_s and response.status_code in (429, 503):
            raise LongWaitError(response.status_code, wait_s)


def _retry_after_s(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        # A provider's clock may be wrong: its own Date is what its instant is measured from.
        now = parsedate_to_datetime(response.headers["date"])
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError, KeyError):
        return None


def _exhausted_for_s(response: httpx.Response) -> float | None:
    """Seconds until the quota is new, if the ``RateLimit`` headers say that nothing is left."""
    header = response.headers.get("ratelimit")
    if header is not None:
        left, reset = _LEFT.search(header), _RESET.search(header)
        return float(reset[1]) if left and reset and int(left[1]) == 0 else None
    for prefix in ("ratelimit-", "x-ratelimit-"):
        left_text = response.headers.get(f"{prefix}remaining", "")
        reset_text = response.headers.get(f"{prefix}reset", "")
        if left_text.isdigit() and reset_text.isdigit() and int(left_text) == 0:
            # Some give an instant in unix time, not a number of seconds: that one is not heeded.
            return float(reset_text) if int(reset_text) < 86_400 else None
    return None
