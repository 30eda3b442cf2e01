"""Numbers as people read them: at most three significant digits and a unit that fits.

Every function takes the warehouse's unit (in the argument's name) and returns text. Unknown
values (``None``, NaN, infinite) become ``UNKNOWN``, never zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

UNKNOWN = "not known"

# Steps of a scale: from which size (in the base unit) a unit is used, its size, its name.
# Watt-hours and joules are kept down to a hundredth: people know them, not their thousandths.
_ENERGY_WH = (
    (0.0, 1e-6, "µWh"),
    (1e-3, 1e-3, "mWh"),
    (1e-2, 1.0, "Wh"),
    (1e3, 1e3, "kWh"),
    (1e6, 1e6, "MWh"),
    (1e9, 1e9, "GWh"),
    (1e12, 1e12, "TWh"),
)
_ENERGY_J = (
    (0.0, 1e-6, "µJ"),
    (1e-3, 1e-3, "mJ"),
    (1e-2, 1.0, "J"),
    (1e3, 1e3, "kJ"),
    (1e6, 1e6, "MJ"),
    (1e9, 1e9, "GJ"),
)
_MASS_G = (
    (0.0, 1e-6, "µg"),
    (1e-3, 1e-3, "mg"),
    (1.0, 1.0, "g"),
    (1e3, 1e3, "kg"),
    (1e6, 1e6, "t"),
    (1e9, 1e9, "kt"),
    (1e12, 1e12, "Mt"),
)
_POWER_W = (
    (0.0, 1e-3, "mW"),
    (1.0, 1.0, "W"),
    (1e3, 1e3, "kW"),
    (1e6, 1e6, "MW"),
    (1e9, 1e9, "GW"),
)
_COUNT = (
    (0.0, 1.0, ""),
    (1e3, 1e3, "thousand"),
    (1e6, 1e6, "million"),
    (1e9, 1e9, "billion"),
    (1e12, 1e12, "trillion"),
)
_DISTANCE_M = (
    (0.0, 1e-3, "mm"),
    (1.0, 1.0, "m"),
    (1e3, 1e3, "km"),
    (1e6, 1e6, "thousand km"),
    (1e9, 1e9, "million km"),
)
_YEAR_H = 24.0 * 365.25
_DURATION_H = (
    (0.0, 1 / 3600, "seconds"),
    (1 / 60, 1 / 60, "minutes"),
    (1.0, 1.0, "hours"),
    (24.0, 24.0, "days"),
    (_YEAR_H, _YEAR_H, "years"),
)

# The ends of a range this many times apart are easier to read with a unit each.
_FAR_APART = 1000.0

_Scale = Sequence[tuple[float, float, str]]


def significant(number: float | None, digits: int = 3) -> str:
    """A plain number with at most ``digits`` significant digits: 1234.5 is ``1,230``.

    Zeros that carry nothing are left out (1.20 is ``1.2``); no exponent is used.
    """
    if not is_known(number):
        return UNKNOWN
    assert number is not None
    rounded = _rounded(float(number), digits)
    if rounded == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    text = f"{rounded:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_known(number: float | None) -> bool:
    """Whether there is a finite number to show."""
    return number is not None and math.isfinite(number)


def energy(energy_kwh: float | None) -> str:
    """Energy in the unit of the watt-hour family that fits."""
    return _scaled(_times(energy_kwh, 1e3), _ENERGY_WH)


def energy_range(energy_lower_kwh: float | None, energy_upper_kwh: float | None) -> str:
    """Both ends of an interval, in one unit where that can be read: ``0.6 to 2.4 GWh``."""
    return _scaled_range(_times(energy_lower_kwh, 1e3), _times(energy_upper_kwh, 1e3), _ENERGY_WH)


def watt_hours(energy_wh: float | None) -> str:
    """Energy in watt-hours, whatever its size: for figures that are compared with each other."""
    return _with_suffix(significant(energy_wh), " Wh")


def joules(energy_j: float | None) -> str:
    """Energy in the unit of the joule family that fits."""
    return _scaled(energy_j, _ENERGY_J)


def joules_range(energy_lower_j: float | None, energy_upper_j: float | None) -> str:
    """Both ends of an interval in one unit of the joule family."""
    return _scaled_range(energy_lower_j, energy_upper_j, _ENERGY_J)


def emissions(emissions_kgco2e: float | None) -> str:
    """Greenhouse gases in grams, kilograms or tonnes of CO₂ equivalent."""
    return _with_suffix(_scaled(_times(emissions_kgco2e, 1e3), _MASS_G), " CO₂e")


def emissions_range(lower_kgco2e: float | None, upper_kgco2e: float | None) -> str:
    """Both ends of an emissions interval in one unit."""
    text = _scaled_range(_times(lower_kgco2e, 1e3), _times(upper_kgco2e, 1e3), _MASS_G)
    return _with_suffix(text, " CO₂e")


def mass(mass_kg: float | None) -> str:
    """A mass in grams, kilograms or tonnes."""
    return _scaled(_times(mass_kg, 1e3), _MASS_G)


def power(power_w: float | None) -> str:
    """Power in watts, kilowatts or megawatts."""
    return _scaled(power_w, _POWER_W)


def intensity(carbon_intensity_gco2e_per_kwh: float | None) -> str:
    """Carbon intensity of electricity."""
    return _with_suffix(significant(carbon_intensity_gco2e_per_kwh), " gCO₂e/kWh")


def count(number: float | None) -> str:
    """How many: exact below ten thousand, else in words (``1.94 million``)."""
    if not is_known(number):
        return UNKNOWN
    assert number is not None
    if abs(number) < 10_000 and float(number).is_integer():
        return f"{int(number):,}"
    return _scaled(number, _COUNT).strip()


def parameters(parameters_total: float | None) -> str:
    """A model's size: ``7 billion``."""
    return count(parameters_total)


def share(number_share: float | None) -> str:
    """A share of one as a percentage."""
    return _with_suffix(significant(_times(number_share, 100.0)), " %")


def factor(ratio: float | None) -> str:
    """A ratio as a factor: ``1.9×``."""
    return _with_suffix(significant(ratio), "×")


def distance(distance_km: float | None) -> str:
    """A distance in metres or kilometres."""
    return _scaled(_times(distance_km, 1e3), _DISTANCE_M)


def duration(duration_h: float | None) -> str:
    """A length of time in the largest unit that leaves a number of at least one."""
    text = _scaled(duration_h, _DURATION_H)
    return text[:-1] if text.startswith("1 ") else text


def instant(moment: datetime | None) -> str:
    """An instant in UTC: ``22 Nov 2025, 11:06 UTC``."""
    if moment is None:
        return UNKNOWN
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def day(moment: date | None) -> str:
    """A calendar day: ``22 Nov 2025``."""
    return UNKNOWN if moment is None else f"{moment:%-d %b %Y}"


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago: ``3 hours ago``, ``just now``."""
    if moment is None:
        return "never"
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    elapsed = now - aware
    if elapsed < timedelta(minutes=1):
        return "just now"
    for length, unit in (
        (timedelta(days=365), "year"),
        (timedelta(days=1), "day"),
        (timedelta(hours=1), "hour"),
        (timedelta(minutes=1), "minute"),
    ):
        if elapsed >= length:
            whole = int(elapsed / length)
            return f"{whole} {unit}{'s' if whole != 1 else ''} ago"
    return "just now"


def fitting_unit(largest: float | None, scale: str) -> tuple[float, str]:
    """The divisor and unit for an axis whose largest value is ``largest`` in the base unit.

    ``scale`` is ``energy_wh``, ``energy_j``, ``mass_g`` or ``power_w``.
    """
    scales: dict[str, _Scale] = {
        "energy_wh": _ENERGY_WH,
        "energy_j": _ENERGY_J,
        "mass_g": _MASS_G,
        "power_w": _POWER_W,
    }
    return _unit_for(largest if is_known(largest) else 1.0, scales[scale])


def _rounded(number: float, digits: int) -> float:
    if number == 0:
        return 0.0
    return round(number, digits - 1 - math.floor(math.log10(abs(number))))


def _times(number: float | None, by: float) -> float | None:
    return None if number is None else number * by


def _unit_for(number: float | None, scale: _Scale) -> tuple[float, str]:
    if number is None or number == 0:
        return next(((size, unit) for _, size, unit in scale if size == 1.0), scale[0][1:])
    fitting = scale[0][1:]
    for start, size, unit in scale:
        # Rounding comes first, so that 999.7 kWh is 1 MWh and not 1,000 kWh.
        if abs(_rounded(number / size, 3)) * size >= start:
            fitting = (size, unit)
    return fitting


def _scaled(number: float | None, scale: _Scale) -> str:
    if not is_known(number):
        return UNKNOWN
    assert number is not None
    size, unit = _unit_for(number, scale)
    return f"{significant(number / size)} {unit}"


def _scaled_range(lower: float | None, upper: float | None, scale: _Scale) -> str:
    if not (is_known(lower) and is_known(upper)):
        return UNKNOWN
    assert lower is not None
    assert upper is not None
    if lower > 0 and upper / lower >= _FAR_APART:
        return f"{_scaled(lower, scale)} to {_scaled(upper, scale)}"
    size, unit = _unit_for(max(abs(lower), abs(upper)), scale)
    return f"{significant(lower / size)} to {significant(upper / size)} {unit}"


def _with_suffix(text: str, suffix: str) -> str:
    return text if text == UNKNOWN else text + suffix
