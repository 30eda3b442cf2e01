"""US EIA v2: hourly generation by fuel of each balancing authority.

The contract: the key is in the query; without ``data[]=value`` no values come; facets repeat; start
and end are periods, both included; a period is the **end** of its hour; at most 5,000 rows an
answer, more with ``offset``; ``total`` and ``value`` are numbers or strings, by version; an unknown
facet is an empty answer; errors are an object or a string.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from local_providers import Provider, World, faults_of, steps, wave
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

HOUR = timedelta(hours=1)
FORMAT = "%Y-%m-%dT%H"
MOST_ROWS = 5000
FIRST = datetime(2018, 7, 1, 6, tzinfo=UTC)
FUELS = {
    "BAT": ("Battery storage", -900.0, 900.0),
    "COL": ("Coal", 0.0, 12000.0),
    "GEO": ("Geothermal", 500.0, 900.0),
    "NG": ("Natural Gas", 2000.0, 26000.0),
    "NUC": ("Nuclear", 1000.0, 5000.0),
    "OIL": ("Petroleum", 0.0, 90.0),
    "OTH": ("Other", 0.0, 700.0),
    "PS": ("Pumped storage", -2000.0, 2000.0),
    "SUN": ("Solar", 0.0, 17000.0),
    "WAT": ("Hydro", -50.0, 5200.0),
    "WND": ("Wind", 0.0, 6000.0),
}
NAMES = {
    "CISO": "California Independent System Operator",
    "ERCO": "Electric Reliability Council of Texas, Inc.",
    "PJM": "PJM Interconnection, LLC",
    "MISO": "Midcontinent Independent System Operator, Inc.",
    "NYIS": "New York Independent System Operator",
    "BPAT": "Bonneville Power Administration",
}


class Eia(Provider):
    """The route ``electricity/rto/fuel-type-data``.

    Attributes:
        lag: how long after its end an hour is known.
        fuels: the fuels of each balancing authority.
        has_text_values: values and totals are strings, as since 2.1.6.
        echoes_key: the body's ``request`` repeats the whole query, key and all.
    """

    source_id = "eia"
    base_url_env = "JOULEHOUSE_EIA_URL"
    key_env = "EIA_API_KEY"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.lag = HOUR
        self.fuels = {
            name: [*FUELS] if name == "CISO" else ["COL", "NG", "NUC", "SUN", "WAT", "WND"]
            for name in NAMES
        }
        self.has_text_values = True
        self.echoes_key = True

    def value(self, respondent: str, fuel: str, start_at: datetime) -> float | None:
        """MWh of a fuel in the hour that **begins** then, as it is said now."""
        _, low, high = FUELS.get(fuel, (fuel, 0.0, 100.0))
        made = round(wave(f"eia {respondent} {fuel}", start_at, low, high))
        return self.look_up("value", respondent, fuel, start_at, otherwise=made)

    def hours(self, start_at: datetime, end_at: datetime) -> list[datetime]:
        """The beginnings of the hours that are known by now, in a range."""
        last = min(end_at, self.now - self.lag - HOUR + timedelta(seconds=1))
        return steps(max(start_at, FIRST), last, HOUR)

    def routes(self) -> list[Route]:
        routes = []
        for version in ("", "/v2"):
            route = f"{version}/electricity/rto/fuel-type-data"
            routes += [
                Route(f"{route}/data", self.data),
                Route(f"{route}/data/", self.data),
                Route(route, self.facets),
                Route(f"{route}/", self.facets),
            ]
        return [*routes, Route("/{rest:path}", lambda _r: _error(404, "Not Found."))]

    def refusal(self, request: Request) -> Response | None:
        key = request.query_params.get("api_key")
        if key == self.key:
            return None
        code = "API_KEY_INVALID" if key else "API_KEY_MISSING"
        message = (
            "An invalid api_key was supplied. Get one at https://www.eia.gov/opendata/register.php"
            if key
            else "No api_key was supplied. Please register for one."
        )
        return JSONResponse({"error": {"code": code, "message": message}}, 403)

    def error_in_200(self, _request: Request) -> Response:
        return JSONResponse(
            {"error": {"code": "INTERNAL", "message": "The data set is being rebuilt."}}
        )

    def facets(self, _request: Request) -> Response:
        listed = [{"id": "respondent", "description": "Balancing Authority"}]
        listed.append({"id": "fueltype", "description": "Energy Source"})
        return JSONResponse(
            {"response": {"id": "fuel-type-data", "frequency": [{"id": "hourly"}],
                          "facets": listed, "data": {"value": {"units": "megawatthours"}},
                          "startPeriod": FIRST.strftime(FORMAT),
                          "endPeriod": self.now.strftime(FORMAT)},
             "apiVersion": "2.1.9"}
        )  # fmt: skip

    def data(self, request: Request) -> Response:
        query = request.query_params
        if query.get("frequency", "hourly") != "hourly":
            return _error(400, f"Invalid frequency '{query['frequency']}' provided.")
        start, end = _period(query.get("start")), _period(query.get("end"))
        if (query.get("start") and start is None) or (query.get("end") and end is None):
            return _error(400, "Invalid start or end: the format is YYYY-MM-DDTHH.")
        text = (query.get("offset", "0"), query.get("length", str(MOST_ROWS)))
        if not all(each.isdigit() for each in text):
            return _error(400, "Invalid offset or length.")
        offset, length = (int(each) for each in text)
        rows, total = self._rows(request, start or FIRST, end or self.now, offset, length)
        body: dict[str, Any] = {
            "total": str(total) if self.has_text_values else total,
            "dateFormat": 'YYYY-MM-DD"T"HH24',
            "frequency": "hourly",
            "data": faults_of(request).disturb(rows),
            "description": "Hourly net generation by balancing authority and energy source.  \n"
            "    Source: Form EIA-930\n    Product: Hourly Electric Grid Monitor",
        }
        if length > MOST_ROWS:
            body["warnings"] = [
                {"warning": "incomplete return",
                 "description": f"The API can only return {MOST_ROWS} rows in JSON format."}
            ]  # fmt: skip
        asked = {"command": "/v2/electricity/rto/fuel-type-data/data/", "params": dict(query)}
        if not self.echoes_key:
            asked["params"] = {k: v for k, v in query.items() if k != "api_key"}
        version = "2.1.9" if self.has_text_values else "2.0.3"
        return JSONResponse({"response": body, "request": asked, "apiVersion": version})

    def _rows(
        self, request: Request, start: datetime, end: datetime, offset: int, length: int
    ) -> tuple[list[dict[str, Any]], int]:
        """The rows of one page and the count of all. Start and end are ends of hours."""
        query = request.query_params
        respondents = _listed(query.multi_items(), "facets", "respondent") or list(self.fuels)
        wanted = _listed(query.multi_items(), "facets", "fueltype")
        pairs = [
            (respondent, fuel)
            for respondent in respondents
            for fuel in self.fuels.get(respondent, ())
            if not wanted or fuel in wanted
        ]
        hours = self.hours(start - HOUR, end - HOUR + timedelta(seconds=1))
        # Nothing is promised about the order unless it is asked for; the newest come first.
        order = query.get("sort[0][direction]", "desc") if "sort[0][column]" in query else "desc"
        if order == "desc":
            hours.reverse()
        total = len(hours) * len(pairs)
        has_values = bool(_listed(query.multi_items(), "data"))
        page = range(offset, min(total, offset + min(length, MOST_ROWS)))
        rows = []
        for number in page:
            at = hours[number // len(pairs)]
            respondent, fuel = pairs[number % len(pairs)]
            row = {
                "period": (at + HOUR).strftime(FORMAT),
                "respondent": respondent,
                "respondent-name": NAMES.get(respondent, respondent),
                "fueltype": fuel,
                "type-name": FUELS.get(fuel, (fuel,))[0],
            }
            if has_values:
                value = self.value(respondent, fuel, at)
                is_text = self.has_text_values and value is not None
                row |= {"value": str(value) if is_text else value,
                        "value-units": "megawatthours"}  # fmt: skip
            rows.append(row)
        return rows, total


def _listed(items: list[tuple[str, str]], name: str, inner: str = "") -> list[str]:
    """The values of ``name[inner][]`` or ``name[inner][0]``, in order."""
    middle = rf"\[{inner}\]" if inner else ""
    return [value for key, value in items if re.fullmatch(rf"{name}{middle}\[\d*\]", key)]


def _period(text: str | None) -> datetime | None:
    for form in (FORMAT, "%Y-%m-%d"):
        try:
            return datetime.strptime(text or "", form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _error(status: int, text: str) -> Response:
    return JSONResponse({"error": text, "code": status}, status)
