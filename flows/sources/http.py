"""One HTTP client for every provider that has no well-kept library of its own.

It keeps to the provider's limits, repeats what may succeed when repeated, never lets a secret out,
and turns what goes wrong into one sentence: what was asked, what came, what was expected.
"""

from __future__ import annotations

import base64
import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import orjson
from hishel import SqliteStorage
from hishel.httpx import CacheTransport
from httpx_retries import Retry, RetryTransport

from flows.sources.http_errors import AccessError, NotFoundError, ProviderDownError
from flows.sources.http_transport import (
    CONNECT_TIMEOUT_S,
    CheckedTransport,
    LongWaitError,
    PacedTransport,
    proxy_of,
)
from flows.sources.protocol import Limits
from warehouse.errors import SourceError
from warehouse.settings import Settings

USER_AGENT = "joulehouse/0.1"
JSON = ("application/json", "text/json", "application/problem+json")

# Where no connection can be made there is no network, or no provider: then nothing is asked again.
_WORTH_REPEATING = (
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.PoolTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.RemoteProtocolError,
)
_TRANSIENT = (408, 429, 500, 502, 503, 504)
_HIDDEN = "***"
_SHORT_SECRET = 4
_MOST_REDIRECTS = 5


@dataclass(frozen=True)
class Answer:
    """A good answer: the body, free of secrets, and the request that led to it."""

    body: bytes
    media_type: str
    request: str
    headers: Mapping[str, str]

    def json(self) -> Any:  # noqa: ANN401
        """The body as JSON; it was proven to be that."""
        return orjson.loads(self.body)


class ProviderHttp:
    """The client of one provider for one run. Thread-safe.

    Args:
        settings: Time-outs, retries, waits.
        source_id: Whose client it is, for messages.
        base_url: What every path is added to.
        limits: What the provider bears.
        secrets: Values that must appear nowhere.
        is_cacheable: Keep answers and revalidate them, as HTTP allows.
    """

    def __init__(
        self,
        settings: Settings,
        source_id: str,
        base_url: str,
        limits: Limits,
        *,
        secrets: Iterable[str] = (),
        is_cacheable: bool = False,
    ) -> None:
        self._settings = settings
        self._source_id = source_id
        self.base_url = base_url.rstrip("/")
        self._secrets = {secret for secret in secrets if secret}
        self._failures = 0
        self._lock = threading.Lock()
        # These write whole addresses, keys and all, at level INFO or DEBUG.
        for name in ("httpx", "httpcore", "httpx_retries", "hishel"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._client = httpx.Client(
            transport=self._transport(limits, is_cacheable=is_cacheable),
            timeout=httpx.Timeout(
                settings.http_timeout_s, connect=min(settings.http_timeout_s, CONNECT_TIMEOUT_S)
            ),
            # A kept answer is asked for anew each time, by its validators: what a provider lets be
            # kept for minutes may be corrected in them.
            headers={"User-Agent": USER_AGENT}
            | ({"Cache-Control": "no-cache"} if is_cacheable else {}),
            # A key in a header of ours would go wherever a redirect leads: see _follow.
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def keep_secret(self, value: str) -> None:
        """Hide a value from now on, such as a token that a login gave."""
        self._secrets.add(value)

    def scrub(self, text: str) -> str:
        """``text`` without any secret."""
        for secret in self._spellings():
            text = text.replace(secret, _HIDDEN)
        return re.sub(r"(\w+://)[^/\s@]+@", rf"\1{_HIDDEN}@", text)

    def get_json(
        self,
        path: str = "",
        params: Mapping[str, Any] | None = None,
        *,
        secret_params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """GET an answer that must be JSON. A body that is none is asked for again, then refused.

        Args:
            path: Added to the base address; a whole address is used as it is.
            params: The query, as it may be written down.
            secret_params: What is added to the query and never written down.
            headers: Further headers, which are never written down.
            auth: User and password for HTTP Basic.

        Raises:
            AccessError: 401 or 403.
            NotFoundError: 404.
            ProviderDownError: too many requests in a row failed, or the wait asked for is long.
            SourceError: anything else; ``is_transient`` if it may succeed later.
        """
        return self._get(
            path, params, secret_params, headers, auth, expected=JSON, check=_must_be_json
        )

    def get_bytes(
        self,
        path: str = "",
        params: Mapping[str, Any] | None = None,
        *,
        expected: tuple[str, ...],
        secret_params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET a file. ``expected`` are media types; HTML in place of a file is always refused.

        Raises:
            SourceError: as for :meth:`get_json`.
        """
        return self._get(
            path,
            params,
            secret_params,
            headers,
            None,
            expected=expected,
            check=_must_hold_something,
        )

    def _get(
        self,
        path: str,
        params: Mapping[str, Any] | None,
        secret_params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        auth: tuple[str, str] | None,
        *,
        expected: tuple[str, ...],
        check: Callable[[httpx.Response], None],
    ) -> Answer:
        url = path if re.match(r"https?://", path) else self.base_url + path
        asked = httpx.URL(url).copy_merge_params(dict(params or {}))
        request = self.scrub(f"GET {asked}")
        if self._failures >= self._settings.circuit_failures:
            raise ProviderDownError(
                f"{self._source_id}: {self._failures} requests in a row failed; "
                f"{request} was not sent.",
                remedy="It is tried again at the next run.",
            )
        if auth is not None:
            self.keep_secret(base64.b64encode(":".join(auth).encode()).decode())

        def accept(response: httpx.Response) -> None:
            check(response)
            if response.status_code < 300:
                self._refuse_media_type(response, request, expected)

        retry = self._retry(accept)
        try:
            response = self._client.get(
                asked.copy_merge_params(dict(secret_params or {})),
                headers=dict(headers or {}),
                auth=auth,
                extensions={"retry": retry},
            )
            response = self._follow(response, retry)
            self._refuse_status(response, request)
            accept(response)
        except LongWaitError as error:
            self._failures = self._settings.circuit_failures
            raise ProviderDownError(
                f"{self._source_id}: {request} was answered with {error.status} and the request "
                f"to wait {error.wait_s:.0f} s.",
                remedy="It is tried again at a later run; JOULEHOUSE_HTTP_MAX_WAIT_S allows "
                "longer waits within one.",
            ) from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self._failures = self._settings.circuit_failures
            raise ProviderDownError(
                self.scrub(f"{self._source_id}: {request}: no connection ({error})."),
                remedy=f"Check the network and the address ({self.scrub(self.base_url)}); it is "
                "tried again at the next run.",
                is_unreachable=True,
            ) from None
        except httpx.HTTPError as error:
            self._count_failure()
            raise self._failed(request, _explain(error, expected)) from None
        except SourceError as error:
            if error.is_transient:
                self._count_failure()
            raise
        with self._lock:
            self._failures = 0
        return Answer(
            body=self._scrub_bytes(response.content),
            media_type=response.headers.get("content-type", ""),
            request=request,
            headers=dict(response.headers),
        )

    def _follow(self, response: httpx.Response, retry: Retry) -> httpx.Response:
        """Go where redirects lead; with a key, only as long as they stay below our base address."""
        for _ in range(_MOST_REDIRECTS):
            following = response.next_request
            if following is None:
                break
            if self._secrets and not str(following.url).startswith(self.base_url + "/"):
                break
            following.extensions["retry"] = retry
            response = self._client.send(following, auth=None)
        return response

    def _transport(self, limits: Limits, *, is_cacheable: bool) -> httpx.BaseTransport:
        paced = PacedTransport(limits, self._settings.http_max_wait_s, proxy_of(self.base_url))
        transport: httpx.BaseTransport = CheckedTransport(RetryTransport(transport=paced))
        if is_cacheable:
            path = self._settings.data_dir / "cache" / f"{self._source_id}.sqlite"
            path.parent.mkdir(parents=True, exist_ok=True)
            transport = CacheTransport(
                transport, storage=SqliteStorage(database_path=path), rfc=True
            )
        return transport

    def _retry(self, check: Callable[[httpx.Response], None]) -> Retry:
        return Retry(
            total=self._settings.http_retries,
            backoff_factor=self._settings.http_backoff_s,
            # PacedTransport heeds it, for every request, and by the provider's own clock.
            respect_retry_after_header=False,
            backoff_jitter=0.5,
            max_backoff_wait=self._settings.http_max_wait_s,
            status_forcelist=_TRANSIENT,
            retry_on_exceptions=_WORTH_REPEATING,
            validate_response=check,
        )

    def _refuse_status(self, response: httpx.Response, request: str) -> None:
        status = response.status_code
        if status < 300 or status == 304:
            return
        what = f"{status} {response.reason_phrase}: {self._excerpt(response)}"
        if status in (401, 403):
            raise AccessError(
                f"{self._source_id}: {request} was refused with {what}.",
                remedy="Check the key and what it may be used for: `joulehouse sources` names its "
                "variable.",
                is_about_the_key=status == 401,
            )
        if status == 404:
            raise NotFoundError(f"{self._source_id}: {request} was answered with {what}.")
        raise SourceError(
            f"{self._source_id}: {request} was answered with {what}.",
            remedy="It is tried again at the next run." if status in _TRANSIENT else "",
            is_transient=status in _TRANSIENT,
        )

    def _refuse_media_type(
        self, response: httpx.Response, request: str, expected: tuple[str, ...]
    ) -> None:
        media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
        is_html = media_type == "text/html" or response.content[:15].lower().startswith(
            (b"<!doctype html", b"<html")
        )
        if is_html and "text/html" not in expected:
            raise self._failed(
                request,
                f"came as {media_type or 'HTML'}, {' or '.join(expected)} was expected: "
                f"{self._excerpt(response)}",
            )

    def _failed(self, request: str, why: str) -> SourceError:
        return SourceError(
            self.scrub(f"{self._source_id}: {request}: {why}."),
            remedy=f"Check the network and the address ({self.scrub(self.base_url)}); it is tried "
            "again at the next run.",
            is_transient=True,
        )

    def _count_failure(self) -> None:
        with self._lock:
            self._failures += 1

    def _excerpt(self, response: httpx.Response) -> str:
        text = " ".join(response.text.split())[:200]
        return self.scrub(text) or "an empty body"

    def _spellings(self) -> list[str]:
        secrets = [secret for secret in self._secrets if len(secret) >= _SHORT_SECRET]
        spelled = {form(secret) for secret in secrets for form in (str, quote, quote_plus)}
        return sorted(spelled, key=len, reverse=True)

    def _scrub_bytes(self, body: bytes) -> bytes:
        for secret in self._spellings():
            body = body.replace(secret.encode(), _HIDDEN.encode())
        return body


def _must_hold_something(response: httpx.Response) -> None:
    if response.is_success and not response.content:
        raise httpx.RemoteProtocolError("the body is empty", request=response.request)


def _must_be_json(response: httpx.Response) -> None:
    """Raise an error worth a repetition if a good status came with a body that is no JSON."""
    _must_hold_something(response)
    if not response.is_success:
        return
    try:
        orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        start = response.text[:80].strip().replace("\n", " ")
        raise httpx.RemoteProtocolError(
            f"the body is not whole JSON ({error}); it begins {start!r}", request=response.request
        ) from error


def _explain(error: httpx.HTTPError, expected: tuple[str, ...]) -> str:
    match error:
        case httpx.TimeoutException():
            return f"no answer in time ({type(error).__name__})"
        case _:
            return f"{error or type(error).__name__}; {' or '.join(expected)} was expected"
