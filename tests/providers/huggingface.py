"""The Hugging Face Hub: the listing with its pages, single models, READMEs, limits, errors.

The clock of the simulated world decides which state of a model is seen: publish states with a
later ``lastModified``, and they appear when the clock gets there.
"""

from __future__ import annotations

import base64
import json
import math
import time
import uuid
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from local_providers import Provider, World, faults_of
from local_providers.huggingface_cards import trap_models
from local_providers.huggingface_models import EXPANDABLE, FULL, PLAIN, HubModel, hub_time
from local_providers.static_files import conditional
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

# Requests in a window: without a token, with one.
QUOTAS = {"api": (500, 1_000), "resolvers": (3_000, 5_000), "pages": (100, 200)}
SORTS = ("createdAt", "lastModified", "downloads", "likes", "trendingScore")
MOST_A_PAGE = 1_000


class HuggingFace(Provider):
    """The Hub.

    Attributes:
        quotas: requests a window by bucket, without and with a token.
        window_s: the length of a window, in real seconds.
        redirects_files: answer for a file by redirecting to a cache, as the Hub does at times.
        most_a_page: models a page, whatever is asked for.
    """

    source_id = "huggingface"
    base_url_env = "HF_ENDPOINT"
    key_env = "HF_TOKEN"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.quotas = dict(QUOTAS)
        self.window_s = 300.0
        self.redirects_files = False
        self.most_a_page = MOST_A_PAGE
        self._states: dict[str, list[HubModel]] = {}
        self._revision = 0
        self._seen: tuple[Any, list[HubModel]] = (None, [])
        self._sorted: tuple[Any, list[tuple[Any, str, HubModel]]] = (None, [])
        self._windows: dict[tuple[str, bool], tuple[float, int]] = {}
        self.publish(*trap_models())

    def publish(self, *models: HubModel) -> None:
        """Add states of models, each from its ``lastModified`` on."""
        for model in models:
            states = self._states.setdefault(model.id, [])
            states.append(model)
            states.sort(key=lambda state: state.last_modified)
        self._revision += 1

    def delete(self, *model_ids: str) -> None:
        """Take models off the Hub, with all their states; all models if none is named."""
        for model_id in model_ids or list(self._states):
            del self._states[model_id]
        self._revision += 1

    def models(self, tag: str | None = "co2_eq_emissions") -> list[HubModel]:
        """The public models as they are now, with this tag (all if None): the truth."""
        return [model for model in self._visible() if tag is None or tag in model.fields["tags"]]

    def model(self, model_id: str) -> HubModel | None:
        """One public model as it is now."""
        model = self._state(model_id)
        return None if model is None or model.fields["private"] else model

    def routes(self) -> Sequence[Route]:
        """The listing, single models, files."""
        return [
            Route("/api/models", self._list),
            Route("/api/resolve-cache/models/{repo:path}/{revision}/README.md", self._file),
            Route("/api/models/{repo:path}/revision/{revision:path}", self._info),
            Route("/api/models/{repo:path}", self._info),
            Route("/{repo:path}/resolve/{revision}/{name:path}", self._file),
            Route("/{repo:path}/raw/{revision}/{name:path}", self._file),
        ]

    def refusal(self, request: Request) -> Response | None:
        """401 for a wrong token, 429 when the window's quota is used up."""
        sent = request.headers.get("authorization")
        if sent is not None and sent != f"Bearer {self.key}":
            return _error(401, "Invalid credentials in Authorization header")
        below = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        bucket = "resolvers" if "/resolve" in below or "/raw/" in below else "pages"
        bucket = "api" if below.startswith("/api/") and bucket == "pages" else bucket
        headers, is_over = self._count(bucket, has_token=sent is not None)
        request.scope["hub_headers"] = headers
        if not is_over:
            return None
        return _error(
            429,
            "We had to rate limit your IP (127.0.0.1). To continue using our service, create a "
            "HF account or login to your existing account, and make sure you pass a HF_TOKEN if "
            "you're using the API.",
            headers=headers,
        )

    def error_in_200(self, request: Request) -> Response:
        """An error with a good status."""
        del request
        return JSONResponse({"error": "Internal Error - We're working hard to fix that"})

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        expand = [*query.getlist("expand"), *query.getlist("expand[]")]
        if unknown := [name for name in expand if name not in EXPANDABLE]:
            return _error(400, f"Invalid option {unknown[0]!r} at expand")
        sort = query.get("sort", "trendingScore")
        limit = query.get("limit", str(self.most_a_page))
        if sort not in SORTS:
            return _error(400, f"Invalid sort: {sort}")
        if not limit.isdigit() or int(limit) == 0:
            return _error(400, "Number must be greater than 0 at limit")
        after = None
        if "cursor" in query:
            try:
                after = tuple(json.loads(base64.urlsafe_b64decode(query["cursor"])))
            except ValueError:
                return _error(400, "Invalid cursor")
        size = min(int(limit), self.most_a_page)
        ordered = self._ordered(sort)
        begin = len(ordered) if after is None else bisect_left(ordered, after, key=_place)
        wanted = (row for row in reversed(ordered[:begin]) if _is_wanted(row[2], query))
        found = list(islice(wanted, size + 1))
        headers = dict(request.scope["hub_headers"])
        if len(found) > size:
            place = json.dumps(_place(found[size - 1]))
            cursor = base64.urlsafe_b64encode(place.encode()).decode()
            kept = [(name, value) for name, value in query.multi_items() if name != "cursor"]
            address = f"{request.base_url}api/models?{urlencode([*kept, ('cursor', cursor)])}"
            headers["Link"] = f'<{address}>; rel="next"'
        names = _shown(query, expand)
        rows = [
            {name: model.fields[name] for name in names if name in model.fields}
            for _, _, model in found[:size]
        ]
        return JSONResponse(faults_of(request).disturb(rows), headers=headers)

    async def _info(self, request: Request) -> Response:
        model, refused = self._find(request)
        if model is None:
            return refused
        query = request.query_params
        expand = [*query.getlist("expand"), *query.getlist("expand[]")]
        names = ("_id", "id", *expand) if expand else tuple(model.fields)
        fields = {name: model.fields[name] for name in names if name in model.fields}
        rows = faults_of(request).disturb([fields])
        return JSONResponse(rows[0] if rows else {}, headers=request.scope["hub_headers"])

    async def _file(self, request: Request) -> Response:
        model, refused = self._find(request)
        if model is None:
            return refused
        headers = {**request.scope["hub_headers"], "X-Repo-Commit": model.fields["sha"]}
        if request.path_params.get("name", "README.md") != "README.md" or model.readme is None:
            said = {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"}
            return PlainTextResponse("Entry not found", 404, {**headers, **said})
        if self.redirects_files and "/resolve/" in request.scope["path"]:
            root = request.scope["root_path"]
            return RedirectResponse(
                f"{root}/api/resolve-cache/models/{model.id}/{model.fields['sha']}/README.md",
                307,
                headers,
            )
        return conditional(
            request, model.readme.encode(), media_type="text/plain; charset=utf-8", headers=headers
        )

    def _find(self, request: Request) -> tuple[HubModel | None, Response]:
        """The model that the path names, else how the Hub refuses."""
        headers = request.scope["hub_headers"]
        model = self.model(request.path_params["repo"])
        if model is None:
            # Missing and private look the same; who has shown a token is told 404.
            if "authorization" in request.headers:
                return None, _error(404, "Repository not found", "RepoNotFound", headers)
            return None, _error(401, "Invalid username or password.", "RepoNotFound", headers)
        revision = request.path_params.get("revision", "main")
        if revision not in ("main", model.fields["sha"]):
            return None, _error(404, f"Invalid rev id: {revision}", "RevisionNotFound", headers)
        return model, Response()

    def _count(self, bucket: str, *, has_token: bool) -> tuple[dict[str, str], bool]:
        now = time.monotonic()
        begun, used = self._windows.get((bucket, has_token), (now, 0))
        if now - begun >= self.window_s:
            begun, used = now, 0
        used += 1
        self._windows[bucket, has_token] = begun, used
        quota = self.quotas[bucket][has_token]
        left_s = math.ceil(begun + self.window_s - now)
        headers = {
            "RateLimit": f'"{bucket}";r={max(0, quota - used)};t={left_s}',
            "RateLimit-Policy": f'"fixed window";"{bucket}";q={quota};w={round(self.window_s)}',
            "X-Request-Id": f"Root=1-{uuid.uuid4().hex[:24]}",
        }
        return headers, used > quota

    def _visible(self) -> list[HubModel]:
        key = (self._revision, self.now)
        if self._seen[0] != key:
            states = [self._state(model_id) for model_id in self._states]
            self._seen = key, [each for each in states if each and not each.fields["private"]]
        return self._seen[1]

    def _state(self, model_id: str) -> HubModel | None:
        now = hub_time(self.now)
        known = [state for state in self._states.get(model_id, ()) if state.last_modified <= now]
        return known[-1] if known else None

    def _ordered(self, sort: str) -> list[tuple[Any, str, HubModel]]:
        key = (self._revision, self.now, sort)
        if self._sorted[0] != key:
            rows = [(each.fields[sort], each.fields["_id"], each) for each in self._visible()]
            self._sorted = key, sorted(rows, key=_place)
        return self._sorted[1]


def _place(row: tuple[Any, str, HubModel]) -> tuple[Any, str]:
    """Where a model stands in an order: by value, then by its own key."""
    return row[0], row[1]


def _is_wanted(model: HubModel, query: QueryParams) -> bool:
    fields = model.fields
    wanted = {tag for text in query.getlist("filter") for tag in text.split(",")}
    return (
        wanted <= set(fields["tags"])
        and query.get("author", fields.get("author")) == fields.get("author")
        and query.get("search", "").lower() in model.id.lower()
        and query.get("pipeline_tag", fields.get("pipeline_tag")) == fields.get("pipeline_tag")
        and ("gated" not in query or bool(fields["gated"]) == (query["gated"].lower() == "true"))
    )


def _shown(query: QueryParams, expand: Iterable[str]) -> tuple[str, ...]:
    """The fields that an answer shows; those asked for replace the usual ones."""
    if expand:
        return ("_id", "id", *dict.fromkeys(expand))
    is_set = {name for name, value in query.items() if value.lower() in ("true", "1")}
    return (
        *PLAIN,
        *(FULL if "full" in is_set else ()),
        *(("cardData",) if "cardData" in is_set else ()),
        *(("config",) if "config" in is_set else ()),
    )


def _error(
    status: int, message: str, code: str = "", headers: dict[str, str] | None = None
) -> Response:
    said = {"X-Error-Message": message, **({"X-Error-Code": code} if code else {})}
    return JSONResponse({"error": message}, status, {**(headers or {}), **said})
