"""GB Carbon Intensity: national half-hours, keyless. Paths carry the times.

The contract: times ``YYYY-MM-DDThh:mmZ``; ranges of at most 14 days, both ends included; a row
whose ``to`` is the asked start comes too; the newest ``actual`` is null and gaps are normal;
``fw24h`` and ``pt24h`` give 49 half-hours; errors are ``{"error": {"code", "message"}}``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from local_providers import Provider, World, faults_of, floor, steps, wave
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

HALF_HOUR = timedelta(minutes=30)
FORMAT = "%Y-%m-%dT%H:%MZ"
FIRST = datetime(2017, 9, 11, 23, tzinfo=UTC)
FUELS = ("gas", "coal", "biomass", "nuclear", "hydro", "imports", "other", "wind", "solar")
FACTORS = {
    "Biomass": 120, "Coal": 937, "Dutch Imports": 474, "French Imports": 53,
    "Gas (Combined Cycle)": 394, "Gas (Open Cycle)": 651, "Hydro": 0, "Irish Imports": 458,
    "Nuclear": 0, "Oil": 935, "Other": 300, "Pumped Storage": 0, "Solar": 0, "Wind": 0,
}  # fmt: skip


class GbCarbonIntensity(Provider):
    """The national API.

    Attributes:
        lag: how long after the end of a half-hour its ``actual`` is known.
        horizon: how far the forecast goes.
        gap_every: each so-many-th half-hour never gets an ``actual``; 0 for none.
    """

    source_id = "gb-carbon-intensity"
    base_url_env = "JOULEHOUSE_GB_CARBON_INTENSITY_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.lag = timedelta(minutes=30)
        self.horizon = timedelta(hours=48)
        self.gap_every = 0

    def actual(self, start_at: datetime) -> int | None:
        """What the half-hour emitted, gCO2/kWh, as far as it is known now."""
        is_known = start_at + HALF_HOUR + self.lag <= self.now
        is_gap = self.gap_every and int(start_at.timestamp() // 1800) % self.gap_every == 0
        made = None if not is_known or is_gap else round(wave("gb", start_at, 40, 320))
        return self.look_up("actual", start_at, otherwise=made)

    def forecast(self, start_at: datetime) -> int:
        """What is forecast for a half-hour now; it moves until the half-hour begins."""
        made = round(wave("gb", start_at, 40, 320))
        ahead_h = max(0.0, (start_at - floor(self.now, HALF_HOUR)) / timedelta(hours=1))
        return self.look_up("forecast", start_at, otherwise=made + round(ahead_h) % 9)

    def row(self, start_at: datetime) -> dict[str, Any]:
        forecast, actual = self.forecast(start_at), self.actual(start_at)
        index = _index(forecast if actual is None else actual)
        return {
            "from": start_at.strftime(FORMAT),
            "to": (start_at + HALF_HOUR).strftime(FORMAT),
            "intensity": {"forecast": forecast, "actual": actual, "index": index},
        }

    def routes(self) -> list[Route]:
        return [
            Route("/intensity", self.current),
            Route("/intensity/factors", self.factors),
            Route("/intensity/date", self.date),
            Route("/intensity/date/{date}", self.date),
            Route("/intensity/date/{date}/{period:int}", self.date),
            Route("/intensity/stats/{start}/{end}", self.stats),
            Route("/intensity/{start}", self.at),
            Route("/intensity/{start}/{end}", self.range),
            Route("/regional/intensity/{start}/{end}/regionid/{region:int}", self.regional),
            Route("/generation", self.generation),
            Route("/generation/{start}/{end}", self.generation),
            Route("/{rest:path}", lambda _request: _error(404, "Not Found", "No such endpoint.")),
        ]

    def error_in_200(self, _request: Request) -> Response:
        return _error(200, "500 Internal Server Error", "There has been an internal error.")

    def current(self, request: Request) -> Response:
        return self._rows(request, [floor(self.now, HALF_HOUR)])

    def at(self, request: Request) -> Response:
        at = _time(request.path_params["start"])
        return _bad_time() if at is None else self._rows(request, [floor(at, HALF_HOUR)])

    def date(self, request: Request) -> Response:
        text = request.path_params.get("date") or self.now.strftime("%Y-%m-%d")
        start = _time(f"{text}T00:00Z")
        if start is None:
            return _bad_time()
        starts = steps(start, start + timedelta(days=1), HALF_HOUR)
        period = request.path_params.get("period")
        return self._rows(request, starts if period is None else starts[period - 1 : period])

    def range(self, request: Request) -> Response:
        span = _span(request)
        if span is None:
            return _bad_time()
        start, end = span
        if end < start:
            return _error(400, "Bad Request", "The start datetime should be less than the end.")
        if end - start > timedelta(days=14):
            return _error(
                400, "Bad Request", "The start and end datetime range should be less than 14 days."
            )
        # The half-hour that ends at the asked start comes too, and the one that begins before the
        # asked end is the last: 49 for a day.
        return self._rows(request, steps(start - HALF_HOUR, end, HALF_HOUR))

    def regional(self, request: Request) -> Response:
        """Forecasts of one region: an object with its rows, where national answers are a list."""
        span, region = _span(request), request.path_params["region"]
        if span is None or not 1 <= region <= 17:
            return _bad_time()
        start, end = span
        starts = steps(start - HALF_HOUR, min(end, self.now + self.horizon), HALF_HOUR)
        rows = [
            {
                "from": at.strftime(FORMAT),
                "to": (at + HALF_HOUR).strftime(FORMAT),
                "intensity": {
                    "forecast": (value := self.regional_forecast(region, at)),
                    "index": _index(value),
                },
                "generationmix": self.mix(at),
            }
            for at in starts
        ]
        data = faults_of(request).disturb(rows)
        about = {"regionid": region, "dnoregion": f"DNO {region}", "shortname": f"Region {region}"}
        return JSONResponse({"data": about | {"data": data}})

    def regional_forecast(self, region: int, at: datetime) -> int:
        """What is forecast for a half-hour of a region, gCO2/kWh."""
        made = round(wave(f"gb {region}", at, 20, 400))
        return self.look_up("regional", region, at, otherwise=made)

    def stats(self, request: Request) -> Response:
        start, end = _time(request.path_params["start"]), _time(request.path_params["end"])
        if start is None or end is None:
            return _bad_time()
        if end - start > timedelta(days=30):
            return _error(400, "Bad Request", "The range should be less than 30 days.")
        values = [v for at in steps(start, end, HALF_HOUR) if (v := self.actual(at)) is not None]
        summary = (
            {"max": max(values), "average": round(sum(values) / len(values)), "min": min(values)}
            if values
            else {"max": None, "average": None, "min": None}
        )
        row = {"from": start.strftime(FORMAT), "to": end.strftime(FORMAT)}
        return JSONResponse({"data": [row | {"intensity": summary | {"index": "moderate"}}]})

    def factors(self, request: Request) -> Response:
        return JSONResponse({"data": faults_of(request).disturb([dict(FACTORS)])})

    def generation(self, request: Request) -> Response:
        start = _time(request.path_params.get("start", "")) or floor(self.now, HALF_HOUR)
        end = _time(request.path_params.get("end", "")) or start + HALF_HOUR
        if request.path_params.get("end") == "pt24h":
            start, end = start - timedelta(hours=24), start
        rows = [
            {
                "from": at.strftime(FORMAT),
                "to": (at + HALF_HOUR).strftime(FORMAT),
                "generationmix": self.mix(at),
            }
            for at in steps(start, min(end, self.now), HALF_HOUR)
        ]
        return JSONResponse({"data": faults_of(request).disturb(rows)})

    def mix(self, at: datetime) -> list[dict[str, Any]]:
        """Shares of the fuels, %."""
        weights = [wave(f"gb {fuel}", at, 1, 30) for fuel in FUELS]
        return [
            {"fuel": fuel, "perc": round(100 * weight / sum(weights), 1)}
            for fuel, weight in zip(FUELS, weights, strict=True)
        ]

    def _rows(self, request: Request, starts: list[datetime]) -> Response:
        last = self.now + self.horizon
        rows = [self.row(at) for at in starts if FIRST <= at < last]
        return JSONResponse({"data": faults_of(request).disturb(rows)})


def _index(value: int) -> str:
    levels = ((49, "very low"), (129, "low"), (209, "moderate"), (309, "high"))
    return next((name for top, name in levels if value <= top), "very high")


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _span(request: Request) -> tuple[datetime, datetime] | None:
    """Beginning and end that a path asks for, in either of its forms."""
    start, form = _time(request.path_params["start"]), request.path_params["end"]
    if start is None:
        return None
    if hours := {"fw24h": 24, "fw48h": 48, "pt24h": -24}.get(form):
        earlier, later = sorted((start, start + timedelta(hours=hours)))
        return earlier, later
    end = _time(form)
    return None if end is None else (start, end)


def _bad_time() -> Response:
    return _error(
        400,
        "Bad Request",
        "Please enter a valid start datetime in ISO8601: YYYY-MM-DDThh:mmZ",
    )


def _error(status: int, reason: str, message: str) -> Response:
    code = f"{status} {reason}" if status >= 400 else reason
    return JSONResponse({"error": {"code": code, "message": message}}, status)
