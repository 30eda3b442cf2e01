"""Ember's API, version 1: five data sets, yearly and monthly, a key in the query.

Countries have a code and groups have none; aggregate series overlap with single fuels. Without a
right key everything is 403, in the words of the framework that it runs on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local_providers import Provider, World, faults_of, wave
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RESOLUTIONS = ("yearly", "monthly")
FIRST_YEAR = {"yearly": 2000, "monthly": 2018}
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")

# Name, code (None for a group), generation in a year (TWh), intensity (g/kWh): invented.
ENTITIES = (
    ("Africa", None, 900.0, 520.0),
    ("France", "FRA", 530.0, 55.0),
    ("Germany", "DEU", 510.0, 370.0),
    ("Kosovo", "XKX", 6.0, 930.0),
    ("Türkiye", "TUR", 320.0, 430.0),
    ("United Kingdom", "GBR", 300.0, 230.0),
    ("World", None, 29_000.0, 475.0),
)
# Series and its share of generation in percent; the aggregates are sums of others.
FUELS = {"Coal": 20.0, "Gas": 24.0, "Other fossil": 3.0, "Nuclear": 18.0, "Hydro": 9.0,
         "Wind": 16.0, "Solar": 7.0, "Bioenergy": 3.0}  # fmt: skip
AGGREGATES = {
    "Clean": ("Nuclear", "Hydro", "Wind", "Solar", "Bioenergy"),
    "Fossil": ("Coal", "Gas", "Other fossil"),
    "Total generation": tuple(FUELS),
    "Wind and solar": ("Wind", "Solar"),
}


@dataclass(frozen=True)
class _DataSet:
    """How the rows of one data set are made; ``measures`` takes generation, intensity, share."""

    has_series: bool
    measures: Callable[[float, float, float], dict[str, float | None]]


_SETS = {
    "carbon-intensity": _DataSet(
        has_series=False,
        measures=lambda _twh, grams, _share: {"emissions_intensity_gco2_per_kwh": grams},
    ),
    "electricity-demand": _DataSet(
        has_series=False,
        measures=lambda twh, _grams, _share: {
            "demand_twh": round(twh * 0.97, 2),
            "demand_mwh_per_capita": round(twh / 80, 2),
        },
    ),
    "electricity-generation": _DataSet(
        has_series=True,
        measures=lambda twh, _grams, share: {
            "generation_twh": round(twh * share / 100, 2),
            "share_of_generation_pct": share,
        },
    ),
    "power-sector-emissions": _DataSet(
        has_series=True,
        measures=lambda twh, grams, share: {
            "emissions_mtco2": round(twh * grams * share / 100_000, 2),
            "share_of_emissions_pct": share,
        },
    ),
    "installed-capacity": _DataSet(
        has_series=True,
        measures=lambda twh, _grams, share: {"capacity_gw": round(twh * share / 400, 2)},
    ),
}


class Ember(Provider):
    """``/v1/{data set}/{yearly, monthly}``; the version may be left out.

    A value is set with ``put(data_set, date, entity, series or "", value={field: value})``; fields
    that it does not name stay as they are, and None in place of the object removes the row.

    Attributes:
        lag_months: how many whole months before this one are not published yet.
        says_when: tell in the answer when it was made, so that no two are the same.
    """

    source_id = "ember"
    base_url_env = "JOULEHOUSE_EMBER_URL"
    key_env = "EMBER_API_KEY"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.lag_months = 2
        self.says_when = False

    def routes(self) -> Sequence[Route]:
        """The data sets, and the lists of what may be asked for."""
        return [
            *(
                Route(f"{version}/{{data_set}}/{{resolution}}", self._rows)
                for version in ("/v1", "")
            ),
            Route("/v1/options/{data_set}/{resolution}/{field}", self._options),
        ]

    def refusal(self, request: Request) -> Response | None:
        """403 without the key."""
        sent = request.query_params.get("api_key")
        if sent is None:
            return JSONResponse({"detail": "Not authenticated"}, 403)
        if sent != self.key:
            return JSONResponse({"detail": "Invalid API key"}, 403)
        return None

    def error_in_200(self, request: Request) -> Response:
        """An error with a good status: no envelope, no rows."""
        del request
        return JSONResponse({"detail": "The data set is being updated"})

    def rows(self, data_set: str, resolution: str) -> list[dict[str, Any]]:
        """All that the API would give for a data set now, in its order."""
        kind = _SETS[data_set]
        return [
            row
            for entity in ENTITIES
            for date, at in self._dates(resolution)
            for series in (_SERIES if kind.has_series else {"": 100.0})
            if (row := self._row(data_set, entity, date, at, series)) is not None
        ]

    def _row(
        self,
        data_set: str,
        entity: tuple[str, str | None, float, float],
        date: str,
        at: datetime,
        series: str,
    ) -> dict[str, Any] | None:
        name, code, twh, grams = entity
        kind = _SETS[data_set]
        row: dict[str, Any] = {
            "entity": name,
            "entity_code": code,
            "is_aggregate_entity": code is None,
            "date": date,
        }
        if kind.has_series:
            row |= {"series": series, "is_aggregate_series": series in AGGREGATES}
        twh = round(wave(f"{name} twh", at, twh * 0.9, twh * 1.1) / (12 if "-" in date else 1), 3)
        grams = round(wave(f"{name} g", at, grams * 0.9, grams * 1.1), 3)
        row |= kind.measures(twh, grams, _SERIES.get(series, 100.0))
        put = self.look_up(data_set, date, name, series, otherwise={})
        return None if put is None else row | put

    def _dates(self, resolution: str) -> list[tuple[str, datetime]]:
        now = self.now
        months = now.year * 12 + now.month - 1 - self.lag_months
        if resolution == "yearly":
            # A year is published when its last month is.
            return [
                (str(year), datetime(year, 1, 1, tzinfo=UTC))
                for year in range(FIRST_YEAR["yearly"], months // 12)
            ]
        return [
            (f"{at:%Y-%m-%d}", at)
            for month in range(FIRST_YEAR["monthly"] * 12, months)
            for at in [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)]
        ]

    async def _rows(self, request: Request) -> Response:
        data_set, resolution = (request.path_params[name] for name in ("data_set", "resolution"))
        if data_set not in _SETS or resolution not in RESOLUTIONS:
            return JSONResponse({"detail": "Not Found"}, 404)
        query = request.query_params
        for name in ("start_date", "end_date"):
            if name in query and not _DATE.fullmatch(query[name]):
                return _unprocessable(name, query[name])
        chosen = [row for row in self.rows(data_set, resolution) if _is_wanted(row, query)]
        measure = list(chosen[0])[-1] if chosen else ""
        return JSONResponse(
            {
                "stats": {
                    "number_of_records": len(chosen),
                    "query_value_range": {
                        name: _range(chosen, name) for name in ("date", measure) if name
                    },
                    **({"timestamp": self.now.isoformat()} if self.says_when else {}),
                },
                "data": faults_of(request).disturb(chosen),
            }
        )

    async def _options(self, request: Request) -> Response:
        data_set, resolution = (request.path_params[name] for name in ("data_set", "resolution"))
        if data_set not in _SETS or resolution not in RESOLUTIONS:
            return JSONResponse({"detail": "Not Found"}, 404)
        name = request.path_params["field"]
        found = {row.get(name) for row in self.rows(data_set, resolution)}
        return JSONResponse({"options": sorted(value for value in found if value is not None)})


_SERIES = FUELS | {name: sum(FUELS[fuel] for fuel in fuels) for name, fuels in AGGREGATES.items()}


def _range(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    values = [row[name] for row in rows if row[name] is not None]
    return {"min": min(values, default=None), "max": max(values, default=None)}


def _is_wanted(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    date = row["date"]
    for name in ("entity", "entity_code", "series"):
        if query.get(name) and name in row and row[name] not in query[name].split(","):
            return False
    for name in ("is_aggregate_series", "is_aggregate_entity"):
        if query.get(name) and name in row and row[name] != (query[name].lower() == "true"):
            return False
    # Both ends are included; "2024" as an end includes every month of it.
    start, end = query.get("start_date", ""), query.get("end_date", "9999")
    return bool(date[: len(start)] >= start[: len(date)] and date[: len(end)] <= end[: len(date)])


def _unprocessable(name: str, value: str) -> Response:
    problem = {
        "type": "date_from_datetime_parsing",
        "loc": ["query", name],
        "msg": "Input should be a valid date or datetime",
        "input": value,
    }
    return JSONResponse({"detail": [problem]}, 422)
