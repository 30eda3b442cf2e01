"""The Hub's own client, with a hook that keeps each body as it came.

``huggingface_hub`` sends, repeats and follows pages; its models of a repository are left out,
because they fail as a whole at the first odd one, and a page must be kept as it came anyway.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils import (
    build_hf_headers,
    hf_raise_for_status,
    http_backoff,
    paginate,
    parse_ratelimit_headers,
    set_client_factory,
)
from huggingface_hub.utils._http import default_client_factory
from pyrate_limiter import Limiter, Rate

from flows.sources.context import FetchContext
from flows.sources.http import USER_AGENT
from flows.sources.http_errors import AccessError, NotFoundError, ProviderDownError
from flows.sources.huggingface_json import loads
from flows.sources.protocol import Limits
from warehouse.errors import SourceError

# The library keeps one client for the whole process; whose it is now. A fetch that was left in its
# middle must not keep the next one waiting, nor take the client from it when it is cleared away.
_owners: list[HubClient] = []
_swap = threading.Lock()
_EXPECTED = "a JSON array of models, page after page, was expected"


@dataclass(frozen=True)
class Page:
    """One answer as it came. ``document`` is what it holds."""

    body: bytes
    request: str
    media_type: str
    document: Any


class HubClient:
    """The Hub as one run sees it. Use :func:`hub_client`."""

    def __init__(self, context: FetchContext) -> None:
        self._endpoint = context.base_url
        self._timeout_s = context.settings.http_timeout_s
        self._max_wait_s = context.settings.http_max_wait_s
        self._key = context.key
        self._pages: list[Page] = []
        self._not_before = 0.0
        limits = context.source.limits if context.source else Limits()
        rate = Rate(limits.requests, int(limits.per.total_seconds() * 1000))
        self._limiter = Limiter(rate)

    @property
    def headers(self) -> dict[str, str]:
        """What goes with each request. A token that lies about on the machine is never sent."""
        return build_hf_headers(token=self._key or False, user_agent=USER_AGENT)

    def pages(self, params: Mapping[str, Any]) -> Iterator[Page]:
        """The pages of a listing, each asked for when the one before it was used.

        Raises:
            SourceError: a page could not be had; those before it were given.
        """
        url = f"{self._endpoint}/api/models"
        with self._explained(url):
            items = paginate(
                url, params=dict(params), headers=self.headers, timeout=self._timeout_s
            )
            for _ in items:
                # The first item of a page says that the page has come.
                yield from self._taken()
            yield from self._taken()

    def model(self, model_id: str, params: Mapping[str, Any]) -> Page:
        """One model's answer.

        Raises:
            NotFoundError: there is none, or none for us: the Hub answers 401 for both.
            SourceError: it could not be had.
        """
        url = f"{self._endpoint}/api/models/{quote(model_id, safe='/')}"
        with self._explained(url):
            response = http_backoff(
                "GET", url, params=dict(params), headers=self.headers, timeout=self._timeout_s
            )
            if response.status_code in (401, 403, 404):
                self._pages.clear()
                raise NotFoundError(f"huggingface: GET {url}: {response.status_code}.")
            hf_raise_for_status(response)
        (page,) = self._taken()
        return page

    def make(self) -> httpx2.Client:
        """A client as the library makes it, which keeps bodies and heeds limits."""
        client = default_client_factory()
        hooks = client.event_hooks
        client.event_hooks = {
            "request": [*hooks["request"], self._wait],
            "response": [*hooks["response"], self._keep],
        }
        return client

    def _wait(self, _request: httpx2.Request) -> None:
        """Hold until the provider bears another request."""
        wait_s = self._not_before - time.monotonic()
        if wait_s > self._max_wait_s:
            raise _LongWaitError(wait_s)
        if wait_s > 0:
            time.sleep(wait_s)
        self._limiter.try_acquire("request")

    def _keep(self, response: httpx2.Response) -> None:
        """Keep a good body; refuse one that is no JSON, so that the library asks for it again.

        It is read to its end here, so that a connection that breaks in the middle of a body is an
        error of the request, which the library repeats.
        """
        request = response.request
        response.read()
        self._heed(response)
        if not response.is_success:
            return
        try:
            document = loads(response.content)
        except ValueError as error:
            start = response.text[:80].strip().replace("\n", " ")
            raise httpx2.RemoteProtocolError(
                f"the body is not whole JSON ({error}); it begins {start!r}", request=request
            ) from error
        is_listing = request.url.path.rstrip("/").endswith("/api/models")
        if isinstance(document, dict) and "error" in document:
            raise _RefusedError(f"an error came in a good answer: {str(document['error'])[:200]!r}")
        if not isinstance(document, list if is_listing else dict):
            raise _RefusedError(f"a JSON {type(document).__name__} came")
        self._pages.append(
            Page(
                body=response.content,
                request=f"GET {request.url}",
                media_type=response.headers.get("content-type", ""),
                document=document,
            )
        )

    def _heed(self, response: httpx2.Response) -> None:
        """Remember how long to wait, where nothing is left or the provider asks for it."""
        wait_s = 0.0
        info = parse_ratelimit_headers(response.headers)
        if info is not None and info.remaining == 0:
            wait_s = float(info.reset_in_seconds)
        after = response.headers.get("retry-after", "")
        if response.status_code in (429, 503) and after.strip().isdigit():
            wait_s = max(wait_s, float(after))
        self._not_before = max(self._not_before, time.monotonic() + wait_s)
        if response.status_code in (429, 503) and wait_s > self._max_wait_s:
            # The library would sleep through it, however long it is.
            raise _LongWaitError(wait_s)

    def _taken(self) -> list[Page]:
        pages, self._pages = self._pages, []
        return pages

    @contextmanager
    def _explained(self, url: str) -> Iterator[None]:
        """Every way in which the library fails, as one of ours."""
        try:
            yield
        except HfHubHTTPError as error:
            raise self._of_status(url, error) from None
        except _LongWaitError as error:
            raise ProviderDownError(
                f"huggingface: GET {url} was answered with the request to wait "
                f"{error.wait_s:.0f} s.",
                remedy="It is tried again at a later run; JOULEHOUSE_HTTP_MAX_WAIT_S allows longer "
                "waits within one, HF_TOKEN raises the limit.",
            ) from None
        except _RefusedError as error:
            raise SourceError(
                self._scrubbed(f"huggingface: GET {url}: {error}; {_EXPECTED}."), is_transient=True
            ) from None
        except (httpx2.ConnectError, httpx2.ConnectTimeout, OfflineModeIsEnabled) as error:
            raise ProviderDownError(
                self._scrubbed(f"huggingface: GET {url}: no connection ({error})."),
                remedy=f"Check the network and the address ({self._endpoint}, HF_ENDPOINT); it is "
                "tried again at the next run.",
                is_unreachable=True,
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise SourceError(
                self._scrubbed(f"huggingface: GET {url}: {reason}; {_EXPECTED}."),
                remedy=f"Check the network and the address ({self._endpoint}, HF_ENDPOINT); it is "
                "tried again at the next run.",
                is_transient=True,
            ) from None

    def _of_status(self, url: str, error: HfHubHTTPError) -> SourceError:
        response = error.response
        status = response.status_code
        text = " ".join(response.text.split())[:200] if response.is_stream_consumed else ""
        what = self._scrubbed(f"huggingface: GET {url} was answered with {status}: {text}")
        if status in (401, 403):
            return AccessError(
                what, remedy="Check HF_TOKEN, or unset it.", is_about_the_key=status == 401
            )
        if status == 404:
            return NotFoundError(what, remedy="Check HF_ENDPOINT.")
        is_transient = status in (408, 429, 500, 502, 503, 504)
        remedy = "It is tried again at the next run." if is_transient else ""
        return SourceError(what, remedy=remedy, is_transient=is_transient)

    def _scrubbed(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


@contextmanager
def hub_client(context: FetchContext) -> Iterator[HubClient]:
    """A client for the time of one fetch; the library's own is put back afterwards."""
    # They write whole addresses, some at level INFO.
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    hub = HubClient(context)
    with _swap:
        _owners[:] = [hub]
        set_client_factory(hub.make)
    try:
        yield hub
    finally:
        with _swap:
            if _owners == [hub]:
                _owners.clear()
                set_client_factory(default_client_factory)


class _LongWaitError(Exception):
    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class _RefusedError(Exception):
    """A good status with something else than a listing; asking again at once would not help."""
