"""What Electricity Maps says of an interval: made-up figures, and the rows that carry them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from local_providers import Provider, World, floor, wave

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCES = (
    "nuclear", "geothermal", "biomass", "coal", "wind", "solar", "hydro", "gas", "oil", "unknown",
)  # fmt: skip


class IntervalRows(Provider):
    """The data, without the addresses.

    Attributes:
        estimated_for: how long an hour is an estimate after its beginning.
        not_reported: sources that are null for a zone.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.estimated_for = timedelta(hours=3)
        self.not_reported = {"DE": {"nuclear"}, "FR": {"geothermal"}}

    def intensity(self, zone: str, at: datetime, factor: str = "lifecycle") -> int:
        """gCO2eq/kWh of an interval, as it is said now."""
        high = 700 if factor == "lifecycle" else 620
        final = round(wave(f"em {zone} {factor}", at, 15, high))
        made = final + 23 if self.is_estimated(at) else final
        return self.look_up("intensity", zone, at, factor, otherwise=made)

    def is_estimated(self, at: datetime) -> bool:
        """Whether the interval is an estimate now."""
        return at + self.estimated_for > self.now

    def power(self, zone: str, source: str, at: datetime) -> float | None:
        """MW of a source in an interval; null where it is not reported."""
        made = round(wave(f"em {zone} {source}", at, 0, 9000))
        missing = source in self.not_reported.get(zone, ())
        return self.look_up("power", zone, source, at, otherwise=None if missing else made)

    def updated_at(self, at: datetime) -> datetime:
        """When an interval was last worked out."""
        final_at = at + self.estimated_for + timedelta(minutes=48, seconds=27, milliseconds=926)
        return min(final_at, floor(self.now, HOUR) - timedelta(minutes=11))

    def _stamps(self, at: datetime) -> dict[str, Any]:
        return {
            "datetime": iso(at),
            "updatedAt": iso(self.updated_at(at)),
            "createdAt": iso(at - 3 * DAY + timedelta(minutes=47, seconds=49, milliseconds=346)),
        }

    def _estimate(self, at: datetime) -> dict[str, Any]:
        is_estimated = self.is_estimated(at)
        method = "TIME_SLICER_AVERAGE" if is_estimated else None
        return {"isEstimated": is_estimated, "estimationMethod": method}

    def intensity_row(self, zone: str, at: datetime, factor: str) -> dict[str, Any]:
        """One row of a carbon intensity answer."""
        return {
            "zone": zone,
            "carbonIntensity": self.intensity(zone, at, factor),
            **self._stamps(at),
            "emissionFactorType": factor,
            **self._estimate(at),
        }

    def breakdown_row(self, zone: str, at: datetime) -> dict[str, Any]:
        """One row of v3's power breakdown."""
        made = {source: self.power(zone, source, at) for source in SOURCES}
        made |= {"hydro discharge": self.power(zone, "hydro discharge", at)}
        made |= {"battery discharge": None}
        total = sum(value for value in made.values() if value is not None)
        used = {source: value or 0 for source, value in made.items()}
        return {
            "zone": zone,
            **self._stamps(at),
            "powerConsumptionBreakdown": used,
            "powerProductionBreakdown": made,
            "powerImportBreakdown": {"AT": 244},
            "powerExportBreakdown": {"AT": 0},
            "fossilFreePercentage": 42,
            "renewablePercentage": None,
            "powerConsumptionTotal": total + 244,
            "powerProductionTotal": total,
            "powerImportTotal": 244,
            "powerExportTotal": 0,
            **self._estimate(at),
        }

    def mix_row(self, zone: str, at: datetime) -> dict[str, Any]:
        """One row of v4's electricity mix."""
        stamps, discharge = self._stamps(at), self.power(zone, "hydro discharge", at)
        return {
            "datetime": stamps["datetime"],
            "updatedAt": stamps["updatedAt"],
            **self._estimate(at),
            "mix": {
                **{source: self.power(zone, source, at) for source in SOURCES},
                "hydro storage": {
                    "charge": 0,
                    "discharge": discharge,
                },
                "battery storage": {"charge": None, "discharge": None},
                "flows": {"exports": 0, "imports": 244},
            },
        }


def iso(at: datetime) -> str:
    """As the API writes an instant: UTC, milliseconds, Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
