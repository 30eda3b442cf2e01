"""WattTime v3: marginal emissions in lb/MWh, five minutes apart.

The contract: ``/login`` with HTTP Basic gives a token that is good for 30 minutes; history of at
most 32 days with **both** ends included; forecasts of 0 to 72 hours, 288 points a day; past
forecasts of at most 24 hours of issue times; each region is a right of its own; the model's date is
part of what a value means. Errors are ``{"error", "message"}``.
"""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from local_providers import Provider, World, faults_of, floor, steps, wave
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FIVE_MINUTES, DAY = timedelta(minutes=5), timedelta(days=1)
UNITS = {
    "co2_moer": "lbs_co2_per_mwh",
    "co2_aoer": "lbs_co2_per_mwh",
    "health_damage": "dollars_per_mwh",
}
NO_RIGHT = (
    "Invalid scope. You do not have sufficient access to this resource. Please note that all users "
    "are allowed free access to CAISO_NORTH."
)


class WattTime(Provider):
    """The API with its login.

    Attributes:
        user, password: the account.
        allowed: regions whose history and forecast it may read.
        known: regions that exist.
        model_date: the model that answers now.
        token_life_s: how long a token is good.
        lag: how long after its instant a point is known.
        data_start: the first instant with data.
        tokens: every token given, with when it was (machine's own clock).
    """

    source_id = "watttime"
    base_url_env = "WATTTIME_API_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.user = "planted-user-watttime"
        self.password = "planted-password-watttime"  # noqa: S105 - made up
        self.secrets = {"WATTTIME_USER": self.user, "WATTTIME_PASSWORD": self.password}
        self.allowed = {"CAISO_NORTH", "PSCO"}
        self.known = {"CAISO_NORTH", "PSCO", "ERCOT_NORTHCENTRAL", "DE"}
        self.model_date = "2023-03-01"
        self.token_life_s = 30 * 60.0
        self.lag = timedelta(minutes=10)
        self.data_start = datetime(2018, 1, 1, tzinfo=UTC)
        self.tokens: dict[str, float] = {}

    def expire_tokens(self) -> None:
        """Every token given so far is refused from now on."""
        self.tokens = dict.fromkeys(self.tokens, 0.0)

    def value(self, region: str, at: datetime, signal: str = "co2_moer") -> float:
        """lb CO2 per MWh of an instant, by the model of now."""
        made = round(wave(f"wt {region} {signal} {self.model_date}", at, 100, 1900), 1)
        return self.look_up("value", region, at, signal, self.model_date, otherwise=made)

    def forecast_of(self, region: str, at: datetime, issued_at: datetime) -> float:
        """What a forecast says of an instant."""
        made = round(wave(f"wt {region} co2_moer {self.model_date}", at, 100, 1900), 1)
        return self.look_up(
            "forecast", region, at, issued_at, otherwise=round(made + issued_at.minute / 10, 1)
        )

    def routes(self) -> list[Route]:
        return [
            Route("/login", self.login),
            Route("/v3/historical", self.historical),
            Route("/v3/forecast", self.forecast),
            Route("/v3/forecast/historical", self.past_forecasts),
            Route("/v3/my-access", self.my_access),
            Route("/v3/signal-index", self.signal_index),
            Route("/v3/region-from-loc", self.region_from_loc),
            Route("/{rest:path}", lambda _r: _error(404, "Not Found", "No such endpoint")),
        ]

    def refusal(self, request: Request) -> Response | None:
        if request.url.path.endswith("/login"):
            return None
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given_at = self.tokens.get(token, 0.0)
        if scheme != "Bearer" or not given_at or time.monotonic() - given_at > self.token_life_s:
            return _error(401, "Invalid authentication", "The token is invalid or has expired.")
        return None

    def error_in_200(self, _request: Request) -> Response:
        return _error(200, "Server error", "Your request could not be processed")

    def login(self, request: Request) -> Response:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if scheme != "Basic" or given != expected:
            return _error(401, "Invalid credentials", "Check your user name and password.")
        token = f"planted-token-watttime-{len(self.tokens) + 1:04d}"
        self.tokens[token] = time.monotonic()
        return JSONResponse({"token": token})

    def historical(self, request: Request) -> Response:
        if refused := self._refuse_place(request):
            return refused
        query = request.query_params
        start, end = _instant(query.get("start")), _instant(query.get("end"))
        if start is None or end is None or end < start:
            return _error(422, "Invalid query parameters", "start and end must be aware ISO 8601.")
        if end - start > 32 * DAY:
            return _error(400, "Invalid query parameters", "The maximum range is 32 days.")
        region, signal = query["region"], query["signal_type"]
        last = min(end, floor(self.now - self.lag, FIVE_MINUTES))
        begin = max(start, self.data_start)
        # Both ends are included.
        starts = steps(begin, last + timedelta(seconds=1), FIVE_MINUTES)
        rows = [
            {
                "point_time": _iso(at),
                "value": self.value(region, at, signal),
                "last_updated": _iso(at + FIVE_MINUTES),
            }
            for at in starts
        ]
        if query.get("include_imputed_marker", "").lower() == "true":
            rows = [row | {"imputed_data_used": False} for row in rows]
        since = _instant(query.get("updated_since"))
        rows = [row for row in rows if since is None or _instant(row["last_updated"]) >= since]
        return self._answer(request, faults_of(request).disturb(rows))

    def forecast(self, request: Request) -> Response:
        if refused := self._refuse_place(request):
            return refused
        hours = self._horizon(request)
        if hours is None:
            return _error(422, "Invalid query parameters", "horizon_hours must be 0 to 72.")
        issued_at = floor(self.now, FIVE_MINUTES)
        rows = self._forecast_rows(request.query_params["region"], issued_at, hours)
        disturbed = faults_of(request).disturb(rows)
        return self._answer(request, disturbed, {"generated_at": _iso(issued_at)})

    def past_forecasts(self, request: Request) -> Response:
        if refused := self._refuse_place(request):
            return refused
        query = request.query_params
        start, end = _instant(query.get("start")), _instant(query.get("end"))
        hours = self._horizon(request)
        if start is None or end is None or hours is None or end < start:
            return _error(422, "Invalid query parameters", "Check start, end and horizon_hours.")
        if end - start > DAY:
            return _error(400, "Invalid query parameters", "The maximum range is 24 hours.")
        last = min(end, self.now)
        issues = steps(start, last + timedelta(seconds=1), FIVE_MINUTES)
        rows = [
            {
                "generated_at": _iso(at),
                "forecast": self._forecast_rows(query["region"], at, hours),
            }
            for at in issues
        ]
        return self._answer(
            request, faults_of(request).disturb(rows), {"generated_at_period_seconds": 300}
        )

    def my_access(self, request: Request) -> Response:
        query = request.query_params
        model = {
            "model": self.model_date,
            "data_start": self.data_start.strftime("%Y-%m-%d"),
            "train_start": "2020-01-01",
            "train_end": "2022-12-31",
            "type": "binned_regression",
        }
        endpoints = [
            {"endpoint": name, "models": [model]}
            for name in ("v3/forecast", "v3/forecast/historical", "v3/historical")
        ]
        regions = [
            {"region": region, "region_full_name": f"Region {region}", "parent": "USA",
             "data_point_period_seconds": 300, "endpoints": endpoints}
            for region in sorted(self.allowed)
            if query.get("region") in (None, region)
        ]  # fmt: skip
        signals = [{"signal_type": "co2_moer", "regions": faults_of(request).disturb(regions)}]
        asked = query.get("signal_type")
        return JSONResponse({"signal_types": signals if asked in (None, "co2_moer") else []})

    def signal_index(self, request: Request) -> Response:
        region = request.query_params.get("region", "")
        at = floor(self.now, FIVE_MINUTES)
        rows = [{"point_time": _iso(at), "value": round(wave(f"wt index {region}", at, 0, 100))}]
        return self._answer(request, rows, {"units": "percentile"})

    def region_from_loc(self, request: Request) -> Response:
        query = request.query_params
        return JSONResponse(
            {"region": "CAISO_NORTH", "region_full_name": "California ISO Northern",
             "signal_type": query.get("signal_type", "co2_moer")}
        )  # fmt: skip

    def _forecast_rows(self, region: str, issued_at: datetime, hours: int) -> list[dict[str, Any]]:
        count = max(1, hours * 12)
        return [
            {"point_time": _iso(at), "value": self.forecast_of(region, at, issued_at)}
            for at in steps(issued_at, issued_at + count * FIVE_MINUTES, FIVE_MINUTES)
        ]

    def _horizon(self, request: Request) -> int | None:
        text = request.query_params.get("horizon_hours", "24")
        return int(text) if text.isdigit() and int(text) <= 72 else None

    def _refuse_place(self, request: Request) -> Response | None:
        query = request.query_params
        region, signal = query.get("region"), query.get("signal_type")
        if region is None or signal is None:
            return _error(422, "Invalid query parameters", "region and signal_type are required.")
        if signal not in UNITS or region not in self.known | self.allowed:
            return _error(400, "Invalid query parameters", f"No {signal} for region {region}.")
        if region not in self.allowed:
            return _error(403, "Invalid query parameters", NO_RIGHT)
        return None

    def _answer(
        self, request: Request, rows: list[dict[str, Any]], meta: dict[str, Any] | None = None
    ) -> Response:
        signal = request.query_params.get("signal_type", "co2_moer")
        described = {
            "data_point_period_seconds": 300,
            "region": request.query_params.get("region"),
            "signal_type": signal,
            "units": UNITS.get(signal),
            "model": {"date": self.model_date, "type": "binned_regression"},
            "warnings": [],
        }
        return JSONResponse({"data": rows, "meta": described | (meta or {})})


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _instant(text: str | None) -> datetime | None:
    try:
        # A plus sign that was not encoded arrives as a space.
        at = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _error(status: int, error: str, message: str) -> Response:
    return JSONResponse({"error": error, "message": message}, status)
