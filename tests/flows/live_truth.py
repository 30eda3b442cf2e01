"""What the servers that play the grid providers say, in the words of the raw tables.

It is worked out from the servers' own formulas, never from what our sources made of an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Truth = dict[tuple[Any, ...], float]

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HALF_HOUR, FIVE_MINUTES = timedelta(minutes=30), timedelta(minutes=5)
FRANCE = "10YFR-RTE------C"
GRAMS_PER_KWH_IN_A_POUND_PER_MWH = 0.45359237
# The Transparency Platform's code list of production types.
TYPE_NAMES = {
    "B04": "Fossil Gas",
    "B05": "Fossil Hard coal",
    "B06": "Fossil Oil",
    "B10": "Hydro Pumped Storage",
    "B11": "Hydro Run-of-river and poundage",
    "B12": "Hydro Water Reservoir",
    "B14": "Nuclear",
    "B16": "Solar",
    "B19": "Wind Onshore",
}


def times(begin: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """The instants from ``begin`` to before ``end``."""
    while begin < end:
        yield begin
        begin += step


def known(truth: dict[tuple[Any, ...], float | None]) -> Truth:
    """Without what is not reported."""
    return {key: value for key, value in truth.items() if value is not None}


def revise(server, at: datetime, later: datetime) -> None:
    """Values of ``at`` that the providers say differently from ``later`` on; gaps a day before."""
    server.state("gb-carbon-intensity").put("actual", at, value=299, known_from=later)
    server.state("gb-carbon-intensity").put("actual", at - DAY, value=None)
    server.state("energy-charts").put("actual", "fr", at, value=33.3, known_from=later)
    server.state("energy-charts").put("generation", "fr", "Solar", at, value=4.5, known_from=later)
    eia = server.state("eia")
    eia.put("value", "BPAT", "NG", at, value=None)
    eia.put("value", "BPAT", "NG", at, value=777, known_from=later)
    eia.put("value", "BPAT", "SUN", at, value=0)
    eia.put("value", "BPAT", "WAT", at, value=None)
    for hours in range(3):  # the series comes in two periods
        key = ("quantity", FRANCE, "B04", at - DAY + hours * HOUR, "generation")
        server.state("entsoe").put(*key, value=None)


def half_hours(server, begin: datetime, end: datetime) -> Truth:
    """GB's actuals, as far as they are known."""
    gb = server.state("gb-carbon-intensity")
    return known(
        {("gb-carbon-intensity", at): gb.actual(at) for at in times(begin, end, HALF_HOUR)}
    )


def forecasts(server, now: datetime) -> Truth:
    """What GB forecasts now for the half-hours still to come in the next 48 hours."""
    gb = server.state("gb-carbon-intensity")
    ahead = times(now + HALF_HOUR, now + 2 * DAY, HALF_HOUR)
    return {("GB", at): float(gb.forecast(at)) for at in ahead}


def intensities(server, begin: datetime, first_run: datetime, last_run: datetime) -> Truth:
    """Average intensities of a time that was asked for from ``first_run`` on."""
    charts, maps = server.state("energy-charts"), server.state("electricity-maps")
    truth: dict[tuple[Any, ...], float | None] = {}
    # A range of GB's includes the half-hour that ends where it begins.
    truth |= half_hours(server, begin - HALF_HOUR, last_run)
    # /co2eq reaches back to the beginning of yesterday, and no further.
    yesterday = first_run.replace(hour=0) - DAY
    for at in times(yesterday, last_run, HOUR):
        truth["energy-charts", at] = charts.actual("fr", at)
    for at in times(begin, last_run, HOUR):
        truth["electricity-maps", at] = float(maps.intensity("DE", at))
    return known(truth)


def marginal(server, begin: datetime, end: datetime, model: str) -> Truth:
    """WattTime's rates by one model."""
    watttime = server.state("watttime")
    used, watttime.model_date = watttime.model_date, model
    truth = {
        (at, model): watttime.value("CAISO_NORTH", at) * GRAMS_PER_KWH_IN_A_POUND_PER_MWH
        for at in times(begin, end, FIVE_MINUTES)
    }
    watttime.model_date = used
    return truth


def generation(server, begin: datetime, end: datetime) -> Truth:
    """Mean MW of each type in each hour."""
    import local_providers.electricity_maps_rows as maps_module
    import local_providers.energy_charts as charts_module

    charts, maps = server.state("energy-charts"), server.state("electricity-maps")
    eia, entsoe = server.state("eia"), server.state("entsoe")
    names = [name for name in charts_module.GENERATION if not name.startswith("Cross border")]
    truth: dict[tuple[Any, ...], float | None] = {}
    for at in times(begin, end, HOUR):
        truth |= {("energy-charts", at, name): charts.generation("fr", name, at) for name in names}
        truth |= {
            ("electricity-maps", at, name): maps.power("DE", name, at)
            for name in maps_module.SOURCES
        }
        # What is discharged less what is charged, which is nothing there.
        truth["electricity-maps", at, "hydro storage"] = maps.power("DE", "hydro discharge", at)
    # A first hour that ends at the asked beginning comes too.
    for at in eia.hours(begin - HOUR, end):
        truth |= {("eia", at, fuel): eia.value("BPAT", fuel, at) for fuel in eia.fuels["BPAT"]}
    for at in times(begin, end - entsoe.lag, HOUR):
        for code in entsoe.areas[FRANCE][1]:
            truth["entsoe", at, TYPE_NAMES[code]] = _net(entsoe, code, at)
    return known(truth)


def _net(entsoe, code: str, at: datetime) -> float | None:
    """What a type gives; of pumped storage less what it takes."""
    given = entsoe.quantity(FRANCE, code, at)
    if code != "B10" or given is None:
        return given
    return given - entsoe.quantity(FRANCE, code, at, "consumption")


def in_utc(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of DuckDB's, whose instants are in UTC without saying so."""
    return tuple(each.replace(tzinfo=UTC) if isinstance(each, datetime) else each for each in row)
