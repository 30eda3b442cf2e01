"""Asking the Hub: listings as far back as they changed, then a number of cards."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import polars as pl

from flows.sources.context import FetchContext
from flows.sources.http_errors import AccessError, NotFoundError, ProviderDownError
from flows.sources.http_transport import must_be_reachable
from flows.sources.huggingface_client import HubClient, Page, hub_client
from flows.sources.huggingface_models import TAG, model_id_of
from flows.sources.huggingface_queue import OF_AUTHOR, OURS, CardQueue
from warehouse.errors import SourceError
from warehouse.landing import Covered, Fetched
from warehouse.spans import Span

EXPAND = (
    "author",
    "baseModels",
    "cardData",
    "createdAt",
    "downloads",
    "gated",
    "gguf",
    "lastModified",
    "library_name",
    "likes",
    "pipeline_tag",
    "safetensors",
    "sha",
    "tags",
)

LICENCE = (
    "Metadata under the Hub's terms of service; each model card is its author's, under the licence "
    "of its repository: figures and quotes of a line may be shown with a link; cards are not "
    "shipped"
)
_PAGE_SIZE = 1000
# A model of our table that the Hub does not have may come, but not at once.
_ASKED_AGAIN_AFTER = timedelta(days=7)
_MARKDOWN = ("text/plain", "text/markdown", "application/octet-stream")
_HUB_BEGAN = datetime(2016, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The listing of models that declare emissions, as far back as it changed; then some cards.

    Raises:
        SourceError: the Hub could not be asked; what came before is kept.
    """
    if context.is_backfill:
        return  # The Hub tells what is, not what was.
    failures: list[SourceError] = []
    with closing(CardQueue(context)) as queue:
        must_be_reachable(context.base_url, "huggingface")
        with hub_client(context) as hub:
            yield from _listing(context, hub, queue, "models", {"filter": TAG})
            try:
                for author in context.settings.hub_authors:
                    series_id, query = f"models:{author}", {"author": author}
                    yield from _listing(context, hub, queue, series_id, query)
                yield from _named(context, hub, queue)
            except SourceError as error:
                failures.append(error)
        yield from _cards(context, queue)
    if failures:
        raise failures[0]


def _listing(
    context: FetchContext,
    hub: HubClient,
    queue: CardQueue,
    series_id: str,
    query: Mapping[str, str],
) -> Iterator[Fetched]:
    """Pages from the newest change back to what was seen before, less the overlap.

    What changes while pages are turned moves to the front, behind us: it is newer than the newest
    that the first page had, which is as far as we say we have seen, so the next run meets it. A
    page is kept when it came; only the last says that the listing is whole, and not if a model in
    it cannot be told by its id: then all of it is asked for again.
    """
    seen_until = None if context.is_full else context.watermark(series_id)
    reread = context.source.reread if context.source else timedelta(0)
    params = {**query, "expand": list(EXPAND), "sort": "lastModified", "limit": _PAGE_SIZE}
    of = "author" if "author" in query else "tag"
    newest: datetime | None = None
    held: Page | None = None
    is_whole = True
    try:
        for number, page in enumerate(hub.pages(params)):
            if held is not None:
                yield _page(held, series_id, of)
            held = page
            queue.want(page.document, OF_AUTHOR if of == "author" else None)
            is_whole &= all(isinstance(one, dict) and model_id_of(one) for one in page.document)
            changed = _changes(page.document)
            if number == 0:
                newest = max(changed, default=None)
            is_in_order = changed == sorted(changed, reverse=True)
            is_seen = seen_until is not None and changed and max(changed) < seen_until - reread
            if is_in_order and is_seen:
                break
    except SourceError:
        if held is not None:
            yield _page(held, series_id, of)
        raise
    if held is not None and not is_whole:
        yield _page(held, series_id, of)
    elif held is not None:
        # A clock that runs ahead must not make us believe that we saw what is yet to come.
        until = min(newest or _HUB_BEGAN, context.as_of)
        start = min(seen_until or _HUB_BEGAN, until)
        yield _page(held, series_id, of, Covered(series_id, Span(start, until)))


def _page(page: Page, series_id: str, of: str, covers: Covered | None = None) -> Fetched:
    about = {"kind": "listing", "of": of, "series": series_id}
    if covers is not None:
        about["is_whole"] = "true"
    return Fetched(
        body=page.body,
        name=f"{series_id.replace(':', '-')}.json",
        media_type=page.media_type,
        request=page.request,
        licence=LICENCE,
        about=about,
        covers=covers,
    )


def _changes(records: object) -> list[datetime]:
    found = []
    for record in records if isinstance(records, list) else ():
        try:
            instant = datetime.fromisoformat(record["lastModified"])
        except (TypeError, ValueError, KeyError):
            continue
        found.append(instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant)
    return found


def _named(context: FetchContext, hub: HubClient, queue: CardQueue) -> Iterator[Fetched]:
    """The answers for the models of our own table; one that the Hub lacks is passed over."""
    seed = context.settings.dbt_dir / "seeds" / "models.csv"
    ids = pl.read_csv(seed, infer_schema=False)["huggingface_id"].drop_nulls().unique().sort()
    lacking = queue.lacking_since(context.as_of - _ASKED_AGAIN_AFTER)
    for model_id in ids:
        if model_id in lacking:
            continue
        try:
            page = hub.model(model_id, {"expand": list(EXPAND)})
        except NotFoundError:
            queue.lacks(model_id, context.as_of)
            continue
        queue.want([page.document], OURS)
        yield Fetched(
            body=page.body,
            name=f"{model_id.replace('/', '__')}.json",
            media_type=page.media_type,
            request=page.request,
            licence=LICENCE,
            about={"kind": "model", "of": "named", "model": model_id},
        )


def _cards(context: FetchContext, queue: CardQueue) -> Iterator[Fetched]:
    wanted = queue.take(context.settings.hub_cards)
    failed: list[str] = []

    def fetch_card(model_id: str) -> Iterator[Fetched]:
        try:
            yield _card(context, model_id, wanted[model_id])
        except ProviderDownError:
            raise
        except SourceError:
            failed.append(model_id)
            raise

    try:
        for fetched in context.each(wanted, fetch_card):
            yield fetched
            # Here it was kept: what asked for it went on.
            queue.got(fetched.about["model"], fetched.about["sha"])
    finally:
        queue.failed(failed)
    if left := queue.waiting():
        _log.info("huggingface: %d model cards wait for the next runs", left)


def _card(context: FetchContext, model_id: str, version: str) -> Fetched:
    path = f"/{quote(model_id, safe='/')}/resolve/main/README.md"
    body, media_type, state = b"", "text/markdown", "read"
    request = f"GET {context.base_url}{path}"
    headers = {"Authorization": f"Bearer {context.key}"} if context.key else {}
    try:
        answer = context.http.get_bytes(path, expected=_MARKDOWN, headers=headers)
    except NotFoundError:
        state = "missing"
    except AccessError:
        state = "refused"
    else:
        body, media_type, request = answer.body, answer.media_type, answer.request
        if not body:
            raise SourceError(f"huggingface: {request} gave nothing; a card was expected.")
    return Fetched(
        body=body,
        name=f"{model_id.replace('/', '__')}.README.md",
        media_type=media_type,
        request=request,
        licence=LICENCE,
        about={"kind": "readme", "model": model_id, "sha": version, "state": state},
    )
