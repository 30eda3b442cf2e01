"""How ENTSO-E is asked: ``entsoe-py``'s raw client, with a session that mends what it lacks.

That client reads its address when it is imported, names the token in the addresses of its
exceptions and in its logs, and repeats only what failed to connect. The session given to it here
asks at the address that is set, keeps the body as it came, paces, and repeats by urllib3's policy
what a server may answer better the next time.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from pyrate_limiter import Limiter, Rate
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from flows.sources.context import FetchContext
from flows.sources.entsoe_points import SOURCE_ID
from flows.sources.entsoe_xml import ACKNOWLEDGEMENT, is_no_data, reason, root_name
from flows.sources.http_errors import AccessError, NotFoundError, ProviderDownError
from flows.sources.protocol import Limits
from warehouse.errors import ParseError, SourceError
from warehouse.spans import Span

LIMITS = Limits(requests=6, per=timedelta(seconds=1), concurrency=2)
_TRANSIENT = (429, 500, 502, 503, 504)


class Line:
    """What the zones of one run share: the pace, and how many requests in a row have failed."""

    def __init__(self, most_failures: int) -> None:
        # Below WARNING these write whole addresses, with the token.
        for name in ("entsoe", "urllib3"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._limiter = Limiter(Rate(LIMITS.requests, int(LIMITS.per.total_seconds() * 1000)))
        self._most_failures = most_failures
        self._failures = 0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may go out."""
        self._limiter.try_acquire("request")

    def count(self, *, is_failure: bool) -> None:
        """Note how a request ended."""
        with self._lock:
            self._failures = self._failures + 1 if is_failure else 0

    def must_be_up(self, request: str) -> None:
        """Raise ``ProviderDownError`` if so many requests failed that this one is in vain."""
        if self._failures >= self._most_failures:
            raise ProviderDownError(
                f"{SOURCE_ID}: {self._failures} requests in a row failed; {request} was not sent.",
                remedy="It is tried again at the next run.",
                is_transient=True,
            )


class _UnusableBodyError(requests.ConnectionError):
    """A good status with a body that is broken off, or none of theirs: worth a repetition."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class _NoDataError(requests.RequestException):
    """There is nothing, said with a status of its own as it was in older days."""


class _RefusedError(requests.RequestException):
    """Another status. Raised before entsoe-py reads the body as HTML, which warns."""

    def __init__(self, refusal: requests.Response) -> None:
        super().__init__()
        self.refusal = refusal


class _LongWaitError(Exception):
    """The provider asks for a longer wait than a run may take.

    No ``RequestException``: that is an ``OSError``, which urllib3 takes for a broken connection.
    """

    def __init__(self, status: int, wait_s: float) -> None:
        super().__init__(status, wait_s)
        self.status = status
        self.wait_s = wait_s


class Session(requests.Session):
    """A session for ``entsoe-py`` that paces, repeats what is transient, and keeps the body."""

    def __init__(self, context: FetchContext, line: Line) -> None:
        super().__init__()
        self._base_url = context.base_url
        self.line = line
        self._scrub = context.http.scrub
        self.body = b""
        self.media_type = ""
        retry = _PatientRetry(
            total=context.settings.http_retries,
            connect=0,  # entsoe-py repeats these
            read=0,
            redirect=5,
            status_forcelist=_TRANSIENT,
            backoff_factor=context.settings.http_backoff_s,
            backoff_jitter=0.5,
            backoff_max=context.settings.http_max_wait_s,
            raise_on_status=False,
        )
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(max_retries=retry))

    def get(  # type: ignore[override]
        self,
        url: str | bytes,  # noqa: ARG002
        **kwargs: Any,  # noqa: ANN401
    ) -> requests.Response:
        """GET from the address that is set now, not the one at import."""
        self.line.wait()
        try:
            response = super().get(self._base_url, **kwargs)
        except (
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as error:
            raise _UnusableBodyError(f"the body broke off ({type(error).__name__})") from None
        self.body = response.content
        self.media_type = response.headers.get("content-type", "")
        if not response.ok:
            raise _NoDataError if _says_no_data(self.body) else _RefusedError(response)
        if fault := _fault(response):
            raise _UnusableBodyError(self._scrub(fault))
        return response


class _PatientRetry(Retry):
    """Waits as long as ``Retry-After`` says, up to the longest wait of a run."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        wait_s = _seconds_between(response)
        if wait_s is None:
            wait_s = super().get_retry_after(response)
        if wait_s is not None and wait_s > (self.backoff_max or 0):
            raise _LongWaitError(response.status, wait_s)
        return wait_s


def _says_no_data(body: bytes) -> bool:
    try:
        return root_name(body) == ACKNOWLEDGEMENT and is_no_data(*reason(body))
    except ParseError:
        return False


def _said(response: requests.Response) -> str:
    """The words of a refusal: those of the acknowledgement, or how the body begins."""
    with suppress(ParseError):
        if root_name(response.content) == ACKNOWLEDGEMENT:
            return " ".join(reason(response.content))[:200]
    return " ".join(response.text.split())[:200]


def _seconds_between(response: BaseHTTPResponse) -> float | None:
    """The wait, where it is an instant: measured from the provider's own clock."""
    try:
        until = parsedate_to_datetime(response.headers["Retry-After"])
        return max(0.0, (until - parsedate_to_datetime(response.headers["Date"])).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None


def _fault(response: requests.Response) -> str:
    """What is wrong with a body that came with a good status, if anything."""
    body = response.content.strip()
    if not body:
        return "the body is empty"
    try:
        name = root_name(body)
    except ParseError:
        name = ""
    if not name or name.lower() == "html":
        return f"no XML came but {response.text.strip()[:80]!r}"
    if not body.endswith(b">") or name.encode() not in body[-len(name) - 20 :]:
        return "the XML is not whole"
    return ""


def ask(context: FetchContext, session: Session, zone: str, span: Span, request: str) -> bytes:
    """The body of one answer, free of the token; every way of failing in our own words.

    Nothing is chained: what ``requests`` raises holds the address with the token.
    """
    import pandas as pd  # type: ignore[import-untyped]
    from entsoe.entsoe import EntsoeRawClient
    from entsoe.exceptions import NoMatchingDataError

    client = EntsoeRawClient(
        api_key=context.key or "",
        session=session,
        retry_count=context.settings.http_retries + 1,
        retry_delay=context.settings.http_backoff_s,  # type: ignore[arg-type]
        timeout=context.settings.http_timeout_s,  # type: ignore[arg-type]
    )
    try:
        client.query_generation(
            zone, start=pd.Timestamp(span.start_at), end=pd.Timestamp(span.end_at)
        )
    except (NoMatchingDataError, _NoDataError):
        pass  # The body says so too, and is read by the caller.
    except _RefusedError as error:
        raise _of_status(context, error.refusal, request) from None
    except _LongWaitError as error:
        raise ProviderDownError(
            f"{SOURCE_ID}: {request} was answered with {error.status} and the request to wait "
            f"{error.wait_s:.0f} s.",
            remedy="It is tried again at a later run; JOULEHOUSE_HTTP_MAX_WAIT_S allows longer "
            "waits within one.",
            is_transient=True,
        ) from None
    except requests.RequestException as error:
        if _is_unreachable(error):
            raise ProviderDownError(
                f"{SOURCE_ID}: {request}: no connection.",
                remedy=f"Check the network and the address ({context.http.scrub(context.base_url)})"
                "; it is tried again at the next run.",
                is_unreachable=True,
            ) from None
        raise SourceError(
            f"{SOURCE_ID}: {request}: {_in_words(error)}; an XML document was expected.",
            remedy="Check the network and the address; it is tried again at the next run.",
            is_transient=True,
        ) from None
    key = context.key or ""
    return session.body.replace(key.encode(), b"***") if len(key) > 3 else session.body


def _of_status(context: FetchContext, response: requests.Response, request: str) -> SourceError:
    status = response.status_code
    said = context.http.scrub(_said(response)) or "an empty body"
    message = f"{SOURCE_ID}: {request} was answered with {status}: {said}."
    if status in (401, 403):
        return AccessError(
            message,
            remedy="Check the token: `joulehouse sources` names its variable.",
            is_about_the_key=True,
        )
    if status == 404:
        return NotFoundError(message)
    remedy = "It is tried again at the next run." if status in _TRANSIENT else ""
    if status == 429:
        # More than 400 requests a minute are answered with a ban of ten minutes.
        return ProviderDownError(message, remedy=remedy, is_transient=True)
    return SourceError(message, remedy=remedy, is_transient=status in _TRANSIENT)


def _is_unreachable(error: requests.RequestException) -> bool:
    """Whether no connection could be made; ``requests`` wraps urllib3's reason twice."""
    reason_given = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason_given, NewConnectionError | ConnectTimeoutError)


def _in_words(error: requests.RequestException) -> str:
    if isinstance(error, _UnusableBodyError):
        return error.what
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "no answer in time"
    return f"the connection broke ({type(error).__name__})"
