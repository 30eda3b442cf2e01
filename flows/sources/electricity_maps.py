"""Electricity Maps: hourly intensity of consumption, its forecast, and the production mix.

Versions 3 and 4 of https://api.electricitymaps.com are read; the last segment of the base address
says which one is asked. Instants are UTC and start an interval.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Any

from flows.sources.context import FetchContext
from flows.sources.electricity_maps_bodies import SOURCE_ID, is_sandbox, parse
from flows.sources.grid_tables import (
    GRID_FORECASTS,
    GRID_GENERATION,
    GRID_INTENSITIES,
    GRID_UNDATED_FORECASTS,
)
from flows.sources.http import Answer
from flows.sources.http_errors import AccessError, NotFoundError
from flows.sources.protocol import Limits, Source
from warehouse.errors import SourceError
from warehouse.landing import Covered, Fetched

_LICENCE = (
    "Proprietary, Electricity Maps (https://www.electricitymaps.com); the free tier is for "
    "non-commercial use. May be shown with the credit 'Electricity Maps' and a link; may not be "
    "shipped without a contract."
)
_DEFAULT_VERSION = "v4"
_MIX_OF = {"v3": "power-breakdown", "v4": "electricity-mix"}
_FACTOR = "lifecycle"
_HORIZON_HOURS = 24
_MOST_DEFAULT_ZONES = 10
# Where a key opens more zones than the default bears: those of the largest cloud regions first.
_PREFERRED = (
    *("DE", "FR", "GB", "IE", "NL", "US-CAL-CISO", "US-MIDA-PJM", "US-NW-BPAT", "US-TEX-ERCO"),
    "IN-WE",
)


@dataclass(frozen=True)
class _Client:
    """What every request needs."""

    context: FetchContext
    version: str
    root: str

    def get(self, path: str, params: Mapping[str, Any]) -> Answer:
        """One answer that holds figures, real ones.

        Raises:
            AccessError: the key is of the sandbox, or has no right to this.
            SourceError: any other failure; see :class:`flows.sources.http.ProviderHttp`.
        """
        http = self.context.http
        url = f"{self.root}/{self.version}/{path}"
        try:
            answer = http.get_json(url, params, headers={"auth-token": self.context.key or ""})
        except AccessError as error:
            is_right = re.search(r"unauthorized for zone|not available", error.message, re.I)
            raise AccessError(
                error.message,
                remedy=error.remedy,
                is_about_the_key=error.is_about_the_key and is_right is None,
            ) from None
        if is_sandbox(answer.body):
            raise AccessError(
                f"{SOURCE_ID}: {answer.request} was answered with invented numbers: the key is one "
                "of the sandbox. Nothing of it was stored.",
                remedy="Set ELECTRICITYMAPS_API_KEY to a key with access to real data.",
                is_about_the_key=True,
            )
        return answer


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """For each zone intensity and production mix from their watermarks on, and the forecast.

    Where the key has no right to ranges, the last 24 hours are asked for instead.
    """
    client = _client(context)
    access = _access(client)
    zones = context.zones or _zones_of(access)

    def fetch_zone(zone: str) -> Iterator[Fetched]:
        may = _rights(access, zone)
        yield from _history(client, "carbon-intensity", zone, zone, may)
        if not context.is_backfill and may("carbon-intensity/forecast"):
            yield from _forecast(client, zone)
        mix = _MIX_OF[client.version]
        if _may_any(may, mix):
            yield from _history(client, mix, zone, f"{mix}:{zone}", may)

    yield from context.each(zones, fetch_zone)


def _client(context: FetchContext) -> _Client:
    root, _, last = context.base_url.rpartition("/")
    if re.fullmatch(r"v\d+", last) is None:
        return _Client(context, _DEFAULT_VERSION, context.base_url)
    return _Client(context, last if last in _MIX_OF else _DEFAULT_VERSION, root)


def _access(client: _Client) -> Mapping[str, Any]:
    """The zones, each with the paths that the key opens, if the provider says so."""
    try:
        document = client.get("zones", {}).json()
    except SourceError:
        if client.context.zones:
            return {}
        raise
    return document if isinstance(document, dict) else {}


def _zones_of(access: Mapping[str, Any]) -> tuple[str, ...]:
    """The zones that the key opens; of many, a few."""
    opened = [
        zone for zone, about in access.items() if isinstance(about, dict) and about.get("access")
    ]
    if not opened and len(access) <= _MOST_DEFAULT_ZONES:
        # No rights are told, but few enough zones to try them all.
        opened = list(access)
    if not opened:
        raise SourceError(
            f"{SOURCE_ID}: no zone was chosen, and the provider does not say which ones the key "
            "opens.",
            remedy="Name them, as in JOULEHOUSE_ZONES='electricity-maps=DE,FR'.",
        )
    preferred = [zone for zone in _PREFERRED if zone in opened]
    others = [zone for zone in opened if zone not in preferred]
    return tuple((preferred + others)[:_MOST_DEFAULT_ZONES])


def _rights(access: Mapping[str, Any], zone: str) -> Callable[[str], bool]:
    """Whether the key opens a path in a zone; yes where the provider does not say."""
    about = access.get(zone)
    listed = about.get("access") if isinstance(about, dict) else None
    if not isinstance(listed, list) or not listed:
        return lambda _path: True
    patterns = [re.sub(r"^/?(v\d+/)?", "", str(path)) for path in listed]

    def may(path: str) -> bool:
        return any(fnmatch(path, pattern) for pattern in patterns)

    return may


def _may_any(may: Callable[[str], bool], signal: str) -> bool:
    return any(may(f"{signal}/{form}") for form in ("past-range", "history", "latest"))


def _history(
    client: _Client, signal: str, zone: str, series_id: str, may: Callable[[str], bool]
) -> Iterator[Fetched]:
    """A signal from its watermark on, in the longest form that the key opens."""
    context = client.context
    if may(f"{signal}/past-range"):
        try:
            for span in context.spans(series_id):
                yield from _past_range(client, signal, zone, Covered(series_id, span))
        except (AccessError, NotFoundError) as error:
            # A plan without history has the last day; a backfill has no use for that.
            if context.is_backfill or not _is_about_plan(error):
                raise
        else:
            return
    if context.is_backfill:
        return
    form = "history" if may(f"{signal}/history") else "latest"
    answer = client.get(f"{signal}/{form}", _params(signal, zone))
    yield _fetched(answer, signal, form, zone)


def _past_range(client: _Client, signal: str, zone: str, covers: Covered) -> Iterator[Fetched]:
    span = covers.span
    params = _params(signal, zone) | {"start": _iso(span.start_at), "end": _iso(span.end_at)}
    try:
        answer = client.get(f"{signal}/past-range", params)
    except NotFoundError as error:
        if _is_no_data(error.message):
            return
        raise
    yield _fetched(answer, signal, "past-range", zone, covers)


def _forecast(client: _Client, zone: str) -> Iterator[Fetched]:
    params = _params("carbon-intensity", zone) | {"horizonHours": _HORIZON_HOURS}
    try:
        answer = client.get("carbon-intensity/forecast", params)
    except NotFoundError as error:
        if _is_no_data(error.message):
            return
        raise
    yield _fetched(answer, "carbon-intensity", "forecast", zone)


def _params(signal: str, zone: str) -> dict[str, Any]:
    factor = {"emissionFactorType": _FACTOR} if signal == "carbon-intensity" else {}
    return {"zone": zone, **factor}


def _fetched(
    answer: Answer, signal: str, form: str, zone: str, covers: Covered | None = None
) -> Fetched:
    document = answer.json()
    names: Iterable[str] = document if isinstance(document, dict) else ()
    if not {"history", "data", "forecast", "datetime"} & set(names):
        raise SourceError(
            f"{SOURCE_ID}: {answer.request} was answered with "
            f"{answer.body[:200].decode(errors='replace')}; rows with 'datetime' were expected.",
            remedy="It is tried again at the next run.",
        )
    about = {"zone": zone}
    if signal == "carbon-intensity":
        about["emission_factor_scope"] = _FACTOR
    return Fetched(
        body=answer.body,
        name=f"{signal}_{form}_{zone}.json",
        media_type=answer.media_type,
        request=answer.request,
        licence=_LICENCE,
        about=about,
        covers=covers,
    )


def _is_no_data(message: str) -> bool:
    return re.search(r"\bno\b[^.]*\bdata\b", message, re.I) is not None


def _is_about_plan(error: AccessError | NotFoundError) -> bool:
    """Whether the key lacks the right to this form of the signal, not to the zone or to all."""
    if isinstance(error, AccessError) and not error.is_about_the_key:
        return re.search(r"unauthorized for zone", error.message, re.I) is None
    return re.search(r"not available", error.message, re.I) is not None


def _iso(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


SOURCE = Source(
    source_id=SOURCE_ID,
    title="Electricity Maps: hourly intensity with forecast, and production mix",
    publisher="Electricity Maps",
    homepage_url="https://www.electricitymaps.com",
    licence=_LICENCE,
    licence_url="https://www.electricitymaps.com/legal/terms-of-use",
    citation="Electricity Maps, https://www.electricitymaps.com.",
    description=(
        "Average lifecycle carbon intensity of the electricity consumed in a zone, imports traced "
        "to their origin, hourly, with its forecast, and production by source. Needs a key; zones "
        "are those that it opens."
    ),
    cadence=timedelta(minutes=60),
    parser_version=1,
    tables=(GRID_INTENSITIES, GRID_FORECASTS, GRID_UNDATED_FORECASTS, GRID_GENERATION),
    fetch=fetch,
    parse=parse,
    base_url="https://api.electricitymaps.com/v4",
    base_url_env="JOULEHOUSE_ELECTRICITY_MAPS_URL",
    key_env="ELECTRICITYMAPS_API_KEY",
    is_key_required=True,
    limits=Limits(requests=5, per=timedelta(seconds=1), concurrency=2),
    chunk=timedelta(days=10),
    known_faults=(
        "The last one to three hours are estimates (isEstimated, estimationMethod) and are "
        "revised later: the last 48 hours are asked for again, revisions are kept as versions.",
        "A key of the sandbox gives invented numbers, marked SANDBOX_MODE_DATA: they are refused, "
        "when fetched and when imported.",
        "A plan without finer data answers in hours without an error: the interval is read from "
        "temporalGranularity, hours where a body of before 2025 has none.",
        "In a mix null means that a source was not reported and zero that it gave nothing: Germany "
        "of 6 March 2024 has null for nuclear production and 440 MW in its consumption, which is "
        "imported. Only production is stored, a flow-traced mix is not.",
        "Whether a figure is estimated is kept for intensity only, not for production.",
    ),
)
