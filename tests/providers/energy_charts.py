"""Energy-Charts, v1: emissions with forecast of some days, and generation of any range. Keyless.

The contract: parallel arrays over ``unix_seconds``; ``/co2eq`` takes a country and nothing else,
and gives one axis of two to three days for both arrays, null where there is nothing; DE and AT in
quarter-hours, others in hours; ``start`` and ``end`` as date (of the country's own days), ISO or
unix seconds, the end included; tails padded with nulls; names that are no generation beside those
that are.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local_providers import Provider, World, faults_of, floor, steps, wave
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

BERLIN = ZoneInfo("Europe/Berlin")
QUARTER_HOUR, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
QUARTER_HOURLY = ("de", "at")
COUNTRIES = (
    "at", "be", "bg", "ch", "cz", "de", "dk", "ee", "es", "eu", "fi", "fr", "gr", "hr", "hu", "ie",
    "it", "lt", "lu", "lv", "nl", "no", "pl", "pt", "ro", "se", "si", "sk",
)  # fmt: skip
# Highest MW of each type in the largest country; others have less of it.
GENERATION = {
    "Cross border electricity trading": -9000.0,
    "Nuclear": 0.0,
    "Hydro Run-of-River": 2100.0,
    "Biomass": 5200.0,
    "Fossil brown coal / lignite": 14000.0,
    "Fossil hard coal": 9000.0,
    "Fossil oil": 300.0,
    "Fossil coal-derived gas": 400.0,
    "Fossil gas": 12000.0,
    "Geothermal": 24.0,
    "Hydro water reservoir": 600.0,
    "Hydro pumped storage": 5000.0,
    "Hydro pumped storage consumption": -5000.0,
    "Others": 250.0,
    "Waste": 800.0,
    "Wind offshore": 7000.0,
    "Wind onshore": 40000.0,
    "Solar": 45000.0,
}
NO_GENERATION = {
    "Load": ("MW", 38000.0, 76000.0),
    "Residual load": ("MW", 5000.0, 60000.0),
    "Renewable share of generation": ("%", 20.0, 90.0),
    "Renewable share of load": ("%", 20.0, 95.0),
}


class EnergyCharts(Provider):
    """The v1 paths that are asked for.

    Attributes:
        lag: how long after its beginning an interval is known.
        days_back: whole UTC days before today on the axis of ``/co2eq``.
        days_ahead: whole days after today on it.
        countries: those it knows.
        is_marked_deprecated: whether bodies carry ``deprecated``, as newer ones do.
    """

    source_id = "energy-charts"
    base_url_env = "JOULEHOUSE_ENERGY_CHARTS_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.lag = timedelta(hours=2)
        self.days_back = 1
        self.days_ahead = 1
        self.countries = list(COUNTRIES)
        self.is_marked_deprecated = True

    def step(self, country: str) -> timedelta:
        """The length of this country's intervals."""
        return QUARTER_HOUR if country in QUARTER_HOURLY else HOUR

    def actual(self, country: str, at: datetime) -> float | None:
        """What the interval emitted, gCO2eq/kWh, as far as it is known now."""
        made = round(wave(f"ec {country}", at, 20, 600), 1) if at + self.lag <= self.now else None
        return self.look_up("actual", country, at, otherwise=made)

    def forecast(self, country: str, at: datetime) -> float | None:
        """What is forecast now; it moves with every six hours."""
        run = floor(self.now, timedelta(hours=6))
        made = round(wave(f"ec {country}", at, 20, 600) * (1 + run.hour / 100), 1)
        return self.look_up("forecast", country, at, otherwise=made)

    def generation(self, country: str, name: str, at: datetime) -> float | None:
        """Mean MW of a production type in an interval, as far as it is known now."""
        if at + self.lag > self.now:
            made = None
        elif name in NO_GENERATION:
            _, low, high = NO_GENERATION[name]
            made = round(wave(f"ec {country} {name}", at, low, high), 1)
        else:
            most = GENERATION[name] * (1.0 if country == "de" else 0.3)
            low, high = sorted((0.0, most))
            made = round(wave(f"ec {country} {name}", at, low, high), 1)
        return self.look_up("generation", country, name, at, otherwise=made)

    def routes(self) -> list[Route]:
        return [
            Route("/co2eq", self.co2eq),
            Route("/public_power", self.power),
            Route("/total_power", self.power),
            Route("/{rest:path}", lambda _r: JSONResponse({"detail": "Not Found"}, 404)),
        ]

    def error_in_200(self, _request: Request) -> Response:
        return JSONResponse({"detail": "The data base is not available at the moment."})

    def co2eq(self, request: Request) -> Response:
        country = request.query_params.get("country", "de")
        if country not in self.countries:
            return _no_content()
        today = floor(self.now, DAY)
        # The last day is the country's own: it ends at its midnight.
        last = (today + (self.days_ahead + 1) * DAY).astimezone(BERLIN).replace(hour=0)
        starts = steps(today - self.days_back * DAY, last.astimezone(UTC), self.step(country))
        rows = [
            {
                "unix_seconds": int(at.timestamp()),
                "co2eq": self.actual(country, at),
                "co2eq_forecast": self.forecast(country, at),
            }
            for at in starts
        ]
        names = ("unix_seconds", "co2eq", "co2eq_forecast")
        body = _arrays(faults_of(request).disturb(rows), names)
        if self.is_marked_deprecated:
            body["deprecated"] = False
        return JSONResponse(body)

    def power(self, request: Request) -> Response:
        query = request.query_params
        country = query.get("country", "de")
        today = self.now.astimezone(BERLIN).strftime("%Y-%m-%d")
        start = _instant(query.get("start", today), is_end=False)
        end = _instant(query.get("end", query.get("start", today)), is_end=True)
        if start is None or end is None:
            return JSONResponse(
                {"detail": [{"loc": ["query", "start"], "msg": "invalid datetime format"}]}, 422
            )
        step = self.step(country)
        starts = steps(start, end + timedelta(seconds=1), step)
        # Nothing is known of days to come; the rest of today is nulls.
        midnight = (floor(self.now, DAY) + DAY).astimezone(BERLIN).replace(hour=0)
        starts = [at for at in starts if at < midnight]
        if country not in self.countries or not starts:
            return _no_content()
        names = [*GENERATION, *NO_GENERATION]
        rows = [
            {"unix_seconds": int(at.timestamp())}
            | {name: self.generation(country, name, at) for name in names}
            for at in starts
        ]
        disturbed = faults_of(request).disturb(rows)
        series = _arrays(disturbed, ("unix_seconds", *names))
        body: dict[str, Any] = {
            "unix_seconds": series.pop("unix_seconds", None),
            "production_types": [{"name": name, "data": data} for name, data in series.items()],
            "deprecated": False,
        }
        if body["unix_seconds"] is None:
            del body["unix_seconds"]
        return JSONResponse(body)


def _arrays(rows: list[dict[str, Any]], names: tuple[str, ...]) -> dict[str, Any]:
    """Rows as parallel arrays. A field that some rows lack makes a shorter array."""
    found = dict.fromkeys([name for name in names if any(name in row for row in rows) or not rows])
    found |= dict.fromkeys(name for row in rows for name in row)
    return {name: [row[name] for row in rows if name in row] for name in found}


def _instant(text: str, *, is_end: bool) -> datetime | None:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=BERLIN)
    if len(text) == len("2026-01-01") and is_end:
        at = at + DAY - timedelta(seconds=1)
    return at.astimezone(UTC)


def _no_content() -> Response:
    return JSONResponse({"detail": "no content available"}, 404)
