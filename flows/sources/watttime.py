"""WattTime v3: marginal intensity of a region in steps of five minutes, and its forecast.

https://docs.watttime.org. Pounds per MWh are turned into grams per kWh. Instants are UTC and
start an interval. The login's token lives half an hour, and is never landed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from flows.sources.context import FetchContext
from flows.sources.grid_tables import GRID_FORECASTS, GRID_INTENSITIES
from flows.sources.http import Answer
from flows.sources.http_errors import AccessError
from flows.sources.protocol import Limits, Source
from flows.sources.watttime_bodies import SOURCE_ID, about_file, parse
from warehouse.errors import SourceError
from warehouse.landing import Covered, Fetched

_LICENCE = (
    "Proprietary, WattTime (https://www.watttime.org); free accounts are for non-commercial use. "
    "May be shown with credit; may not be shipped without a contract."
)
_SIGNAL = "co2_moer"
_USER, _PASSWORD = "WATTTIME_USER", "WATTTIME_PASSWORD"
_HORIZON_HOURS = 24
# Both ends of a range are included: without the last step neighbouring ranges would overlap.
_STEP = timedelta(minutes=5)


class _Client:
    """Requests with a token that is asked for once, and once more when it has run out."""

    def __init__(self, context: FetchContext) -> None:
        self.context = context
        self._root = re.sub(r"/v\d+$", "", context.base_url)
        self._lock = threading.Lock()
        self._token: str | None = None

    def get(self, path: str, params: Mapping[str, Any]) -> Answer:
        """One answer under ``/v3``."""
        token = self._login(instead_of=None)
        try:
            return self._get(path, params, token)
        except AccessError as error:
            if not error.is_about_the_key:
                raise
        return self._get(path, params, self._login(instead_of=token))

    def _get(self, path: str, params: Mapping[str, Any], token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        return self.context.http.get_json(f"{self._root}/v3/{path}", params, headers=headers)

    def _login(self, instead_of: str | None) -> str:
        """The token; a new one if the one in use is that which was refused."""
        with self._lock:
            if self._token is None or self._token == instead_of:
                self._token = self._new_token()
            return self._token

    def _new_token(self) -> str:
        context = self.context
        user, password = context.variable(_USER), context.variable(_PASSWORD)
        if not user or not password:
            raise AccessError(
                f"{SOURCE_ID}: a user name and a password are needed to log in.",
                remedy=f"Set {_USER} and {_PASSWORD}.",
                is_about_the_key=True,
            )
        answer = context.http.get_json(f"{self._root}/login", auth=(user, password))
        document = answer.json()
        token = document.get("token") if isinstance(document, dict) else None
        if not isinstance(token, str) or not token:
            raise SourceError(
                f"{SOURCE_ID}: {answer.request} was answered without a 'token'.",
                remedy=f"Check {_USER} and {_PASSWORD}, and the address ({self._root}).",
            )
        context.http.keep_secret(token)
        return token


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """For each region the marginal intensity from its watermark on, and its forecast."""
    client = _Client(context)

    def fetch_zone(region: str) -> Iterator[Fetched]:
        for span in context.spans(region):
            params = {
                "region": region,
                "signal_type": _SIGNAL,
                "start": _iso(span.start_at),
                "end": _iso(max(span.start_at, span.end_at - _STEP)),
                "include_imputed_marker": "true",
            }
            answer = client.get("historical", params)
            yield _fetched(answer, "historical", region, Covered(region, span))
        if not context.is_backfill:
            params = {
                "region": region,
                "signal_type": _SIGNAL,
                "horizon_hours": str(_HORIZON_HOURS),
            }
            yield _fetched(client.get("forecast", params), "forecast", region)

    yield from context.each(context.zones, fetch_zone)


def _iso(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}+00:00"


def _fetched(answer: Answer, form: str, region: str, covers: Covered | None = None) -> Fetched:
    document = answer.json()
    if not isinstance(document, dict) or not {"data", "meta"} <= set(document):
        raise SourceError(
            f"{SOURCE_ID}: {answer.request} was answered with "
            f"{answer.body[:200].decode(errors='replace')}; 'data' and 'meta' were expected.",
            remedy="It is tried again at the next run.",
        )
    return Fetched(
        body=answer.body,
        name=f"{form}_{_SIGNAL}_{region}.json",
        media_type=answer.media_type,
        request=answer.request,
        licence=_LICENCE,
        about={"form": form, "region": region, "signal_type": _SIGNAL},
        covers=covers,
    )


SOURCE = Source(
    source_id=SOURCE_ID,
    title="WattTime: marginal intensity in steps of five minutes, with forecast",
    publisher="WattTime",
    homepage_url="https://www.watttime.org",
    licence=_LICENCE,
    licence_url="https://watttime.org/legal/",
    citation="WattTime, Marginal Operating Emissions Rate, https://www.watttime.org.",
    description=(
        "Marginal operating emissions rate (MOER): how much carbon dioxide one more kilowatt-hour "
        "of demand in a region causes, in steps of five minutes, and its forecast of 24 hours. "
        "Direct emissions; never comparable with an average intensity. A free account opens "
        "CAISO_NORTH."
    ),
    cadence=timedelta(minutes=30),
    parser_version=1,
    tables=(GRID_INTENSITIES, GRID_FORECASTS),
    fetch=fetch,
    parse=parse,
    base_url="https://api.watttime.org",
    base_url_env="WATTTIME_API_URL",
    key_env=_PASSWORD,
    login_env=(_USER,),
    is_key_required=True,
    limits=Limits(requests=10, per=timedelta(seconds=1), concurrency=2),
    default_zones=("CAISO_NORTH",),
    chunk=timedelta(days=32),
    about_file=about_file,
    known_faults=(
        "A figure depends on the version of WattTime's model (meta.model.date): it is a part of "
        "the key, because a new version gives other values for the same instant.",
        "Where there is no marginal model, co2_moer is made by a model of type 'average' or "
        "'proxy': the type is kept as estimation_method, the basis stays marginal.",
        "Points made from other data because some were missing (imputed_data_used) count as "
        "estimates.",
        "The index (signal-index) is a percentile and health_damage is money: neither is an "
        "intensity, and neither is stored.",
        "The figure answers to demand in the region, wherever the unit stands that follows it: "
        "it is filed under consumption, the average rate (co2_aoer) under production.",
    ),
)
