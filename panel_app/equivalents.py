"""What an amount of energy or carbon is like, with the factor's source beside it.

These are pictures, not results: nothing is computed from them and no table holds them.
"""

from __future__ import annotations

from dataclasses import dataclass

from panel_app import format as fmt


@dataclass(frozen=True)
class Equivalent:
    """A comparison in words, what the factor is, and where it was read."""

    sentence: str
    factor: str
    source_title: str
    source_url: str


# Electricity that an average dwelling of the EU uses in a year, read 2026-11-22.
DWELLING_KWH_PER_YEAR = 3600.0
_DWELLING_TITLE = "ODYSSEE-MURE, electricity consumption per dwelling"
_DWELLING_URL = (
    "https://www.odyssee-mure.eu/publications/efficiency-by-sector/households/"
    "electricity-consumption-dwelling.html"
)

# Tailpipe CO2 of the average car newly registered in the EU, Iceland, Norway and the United
# Kingdom in 2019, type approval, read 2026-11-22.
CAR_KGCO2_PER_KM = 0.1224
_CAR_TITLE = "European Environment Agency, average CO₂ emissions of new cars, 2019"
_CAR_URL = (
    "https://www.eea.europa.eu/data-and-maps/indicators/"
    "average-co2-emissions-from-motor-vehicles/assessment-2"
)

LAMP_W = 10.0


def of_energy(energy_kwh: float | None) -> Equivalent | None:
    """What the energy is like: a household's electricity, or for little energy a lamp."""
    if not fmt.is_known(energy_kwh) or energy_kwh is None or energy_kwh <= 0:
        return None
    if energy_kwh < DWELLING_KWH_PER_YEAR / 365:
        lamp_h = energy_kwh * 1000 / LAMP_W
        return Equivalent(
            f"a {LAMP_W:.0f} W lamp for {fmt.duration(lamp_h)}",
            f"{LAMP_W:.0f} W is the power of the lamp; the rest is arithmetic",
            "",
            "",
        )
    years = energy_kwh / DWELLING_KWH_PER_YEAR
    sentence = (
        f"the electricity of {fmt.count(round(years))} average EU dwellings for a year"
        if years >= 2
        else f"the electricity of one average EU dwelling for {fmt.duration(years * 8766)}"
    )
    factor = f"{fmt.energy(DWELLING_KWH_PER_YEAR)} per dwelling and year"
    return Equivalent(sentence, factor, _DWELLING_TITLE, _DWELLING_URL)


def of_emissions(emissions_kgco2e: float | None) -> Equivalent | None:
    """What the emissions are like: driving a new car."""
    if not fmt.is_known(emissions_kgco2e) or emissions_kgco2e is None or emissions_kgco2e <= 0:
        return None
    return Equivalent(
        f"the exhaust of a new car over {fmt.distance(emissions_kgco2e / CAR_KGCO2_PER_KM)}",
        f"{fmt.significant(CAR_KGCO2_PER_KM * 1000, 4)} g CO₂ per km, exhaust only",
        _CAR_TITLE,
        _CAR_URL,
    )
