"""Electricity Maps, v3 and v4: carbon intensity, and the mix behind it.

The contract: ``auth-token`` for all but ``/zones``; ``zone`` (or ``zoneKey``); times are ISO UTC
with milliseconds; ``past-range`` leaves its end out and takes at most 10 days of hours or 100 of
days; forecasts of N hours have N + 1 points; the newest hours are estimates and revised later; a
plan without finer data silently answers in hours; a sandbox key gives invented numbers. Errors
have no common form.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from local_providers import World, faults_of, floor, steps, wave
from local_providers.electricity_maps_rows import DAY, HOUR, IntervalRows, iso
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

STEPS = {
    "5_minutes": timedelta(minutes=5),
    "15_minutes": timedelta(minutes=15),
    "hourly": HOUR,
    "daily": DAY,
}
FIRST = datetime(2017, 1, 1, tzinfo=UTC)
DISCLAIMER = (
    "SANDBOX MODE: this is not real data. Contact Electricity Maps to get access to the real data."
)
ZONES = {
    "DE": {"zoneName": "Germany"},
    "FR": {"zoneName": "France"},
    "GB": {"zoneName": "Great Britain"},
    "DK-DK1": {"countryName": "Denmark", "zoneName": "West Denmark"},
    "NO-NO2": {"countryName": "Norway", "zoneName": "Southwest Norway"},
    "US-CAL-CISO": {"countryName": "USA", "zoneName": "California Independent System Operator"},
    "US-MIDA-PJM": {"countryName": "USA", "zoneName": "PJM Interconnection, LLC"},
}


class ElectricityMaps(IntervalRows):
    """Both versions of the API.

    Attributes:
        sandbox_key: a key that gives invented numbers.
        allowed: the zones that the key opens; all of them if None.
        finest: the finest granularity of the key's plan.
        zones: those it knows.
    """

    source_id = "electricity-maps"
    base_url_env = "JOULEHOUSE_ELECTRICITY_MAPS_URL"
    key_env = "ELECTRICITYMAPS_API_KEY"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.sandbox_key = "planted-sandbox-key"
        self.allowed: set[str] | None = None
        self.finest = "hourly"
        self.zones = dict(ZONES)

    def routes(self) -> list[Route]:
        forms = {
            "latest": self.latest, "history": self.history, "past": self.past,
            "past-range": self.past_range,
        }  # fmt: skip
        routes = [
            Route(f"/{version}/{signal}/{form}", handler)
            for version in ("v3", "v4")
            for signal in ("carbon-intensity", "electricity-mix", "power-breakdown")
            for form, handler in forms.items()
        ]
        for version in ("v3", "v4"):
            routes += [
                Route(f"/{version}/carbon-intensity/forecast", self.forecast),
                Route(f"/{version}/zones", self.list_zones),
                Route(f"/{version}/health", lambda _r: JSONResponse({"status": "ok"})),
                Route(f"/{version}/home-assistant", self.home_assistant),
            ]
        missing = JSONResponse({"status": "error", "message": "Endpoint not available"}, 404)
        return [*routes, Route("/{rest:path}", lambda _r: missing)]

    def refusal(self, request: Request) -> Response | None:
        path = request.url.path
        if path.endswith(("/zones", "/health")):
            return None
        token = request.headers.get("auth-token")
        if token not in (self.key, self.sandbox_key):
            return JSONResponse({"error": "Invalid auth-token"}, 401)
        if "/v4/power-breakdown" in path or "/v3/electricity-mix" in path:
            return JSONResponse({"status": "error", "message": "Endpoint not available"}, 404)
        zone = _zone(request)
        if path.endswith("/home-assistant"):
            return None
        if zone not in self.zones:
            return JSONResponse(
                {"status": "error", "message": f"Zone '{zone}' does not exist."}, 400
            )
        if self.allowed is not None and zone not in self.allowed:
            return PlainTextResponse(f"Token unauthorized for zoneKey={zone}", 403)
        return None

    def error_in_200(self, _request: Request) -> Response:
        return JSONResponse({"status": "error", "message": "No recent data for zone"})

    def list_zones(self, request: Request) -> Response:
        access = {"access": ["*"]} if request.headers.get("auth-token") == self.key else {}
        return JSONResponse({key: about | access for key, about in self.zones.items()})

    def home_assistant(self, request: Request) -> Response:
        zone, at = _zone(request), floor(self.now, HOUR)
        is_known = zone in self.zones
        data = (
            {"datetime": iso(at), "carbonIntensity": self.intensity(zone, at),
             "fossilFuelPercentage": 42.22}
            if is_known
            else {}
        )  # fmt: skip
        return JSONResponse(
            {
                "_disclaimer": "This data is the exclusive property of Electricity Maps.",
                "status": "ok" if is_known else "no-data",
                "countryCode": zone,
                "data": data,
                "units": {"carbonIntensity": "gCO2eq/kWh"},
            }
        )

    def latest(self, request: Request) -> Response:
        step = self._step(request)
        rows = self._rows(request, [floor(self.now, STEPS[step])])
        if not rows:
            return _no_data(request)
        if "electricity-mix" in request.url.path:
            return self._listed(request, "data", rows)
        return JSONResponse(self._marked(request, rows[0]))

    def history(self, request: Request) -> Response:
        end = floor(self.now, HOUR) + HOUR
        starts = steps(end - DAY, end, STEPS[self._step(request)])
        return self._listed(request, "history", self._rows(request, starts))

    def past(self, request: Request) -> Response:
        at = _instant(request.query_params.get("datetime", ""))
        if at is None:
            return _bad("Invalid datetime")
        if not FIRST <= at <= self.now:
            return _no_data(request)
        rows = self._rows(request, [floor(at, STEPS[self._step(request)])])
        return JSONResponse(self._marked(request, rows[0])) if rows else _no_data(request)

    def past_range(self, request: Request) -> Response:
        start = _instant(request.query_params.get("start", ""))
        end = _instant(request.query_params.get("end", ""))
        if start is None or end is None or start >= end:
            return _bad("Invalid start or end")
        granularity = self._step(request)
        most = timedelta(days=100 if granularity == "daily" else 10)
        if end - start > most:
            return _bad(f"Time range is too large: at most {most.days} days are allowed.")
        known = min(end, floor(self.now, STEPS[granularity]) + timedelta(seconds=1))
        starts = steps(max(start, FIRST), known, STEPS[granularity])
        return self._listed(request, "data", self._rows(request, starts))

    def forecast(self, request: Request) -> Response:
        text = request.query_params.get("horizonHours", "24")
        if text not in ("6", "24", "48", "72"):
            return _bad("horizonHours must be one of 6, 24, 48, 72")
        zone, issued_at = _zone(request), floor(self.now, HOUR)
        rows = [
            {"carbonIntensity": self.forecast_of(zone, at, issued_at), "datetime": iso(at)}
            for at in steps(issued_at, issued_at + (int(text) + 1) * HOUR, HOUR)
        ]
        body = {
            "zone": zone,
            "forecast": faults_of(request).disturb(rows),
            "updatedAt": iso(issued_at + timedelta(minutes=2)),
            "temporalGranularity": "hourly",
        }
        return JSONResponse(self._marked(request, body))

    def forecast_of(self, zone: str, at: datetime, issued_at: datetime) -> int:
        """What a forecast of that hour says of an interval."""
        made = round(wave(f"em {zone} lifecycle", at, 15, 700)) + issued_at.hour % 7
        return self.look_up("forecast", zone, at, issued_at, otherwise=made)

    def _step(self, request: Request) -> str:
        asked = request.query_params.get("temporalGranularity", "hourly")
        if asked not in STEPS:
            return "hourly"
        # Who has not paid for finer data gets coarser data, and no error.
        return asked if STEPS[asked] >= STEPS[self.finest] else self.finest

    def _rows(self, request: Request, starts: list[datetime]) -> list[dict[str, Any]]:
        query, zone = request.query_params, _zone(request)
        if query.get("disableEstimations") == "true":
            starts = [at for at in starts if not self.is_estimated(at)]
        if "carbon-intensity" in request.url.path:
            factor = query.get("emissionFactorType", "lifecycle")
            rows = [self.intensity_row(zone, at, factor) for at in starts]
        elif "power-breakdown" in request.url.path:
            rows = [self.breakdown_row(zone, at) for at in starts]
        else:
            rows = [self.mix_row(zone, at) for at in starts]
        if request.headers.get("auth-token") == self.sandbox_key:
            for row in rows:
                row["isEstimated"], row["estimationMethod"] = True, "SANDBOX_MODE_DATA"
        return faults_of(request).disturb(rows)

    def _listed(self, request: Request, name: str, rows: list[dict[str, Any]]) -> Response:
        unit = {"unit": "MW"} if "electricity-mix" in request.url.path else {}
        body = {
            "zone": _zone(request),
            name: rows,
            "temporalGranularity": self._step(request),
            **unit,
        }
        return JSONResponse(self._marked(request, body))

    def _marked(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        body = body if "forecast" in body else {**body, "temporalGranularity": self._step(request)}
        is_sandbox = request.headers.get("auth-token") == self.sandbox_key
        return {**body, "_disclaimer": DISCLAIMER} if is_sandbox else body


def _zone(request: Request) -> str:
    return request.query_params.get("zone") or request.query_params.get("zoneKey") or ""


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _bad(message: str) -> Response:
    return JSONResponse({"status": "error", "message": message}, 400)


def _no_data(request: Request) -> Response:
    message = f'No recent data for zone "{_zone(request)}"'
    return JSONResponse({"status": "error", "message": message}, 404)
