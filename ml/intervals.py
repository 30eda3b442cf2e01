"""Intervals: conformal over groups where there are enough of them, else an assumed range.

A conformal half-width is a quantile of held-out errors ``|ln(measured / predicted)|`` in which
each group (a backbone) counts the same, however many rows it has, and one group more, the unseen
one, is taken to be infinitely far: hierarchical conformal prediction (Lee, Barber and Willett
2023, arXiv 2306.06342). It holds for a row of a group never seen, and needs K groups for a level
of at most K / (K + 1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ml.methods.base import Floats
from warehouse.errors import InputError

CONFORMAL = "conformal_grouped"
ASSUMED = "assumed_range"
MINIMUM_GROUPS = 10
LEVEL = 0.9

# What an assumed range of level 0.9 spans on each side, as a factor; docs/methodology_ml.md gives
# the reasons.
ASSUMED_FACTORS: Mapping[tuple[str, bool], float] = {
    ("device_hours", True): 3.0,
    ("device_hours", False): 6.0,
    ("flop", True): 5.0,
    ("flop", False): 10.0,
    ("output_token", True): 3.0,
    ("output_token", False): 6.0,
}
# Each way in which a row lies outside what was measured widens each side by this factor.
OUTSIDE_FACTOR = 1.5


def check_level(level: float) -> None:
    """Refuse a level that is not strictly between 0 and 1.

    Raises:
        InputError: it is not.
    """
    if not (isinstance(level, int | float) and 0 < level < 1):
        raise InputError(
            f"interval level {level!r} is not between 0 and 1.", remedy="Give 0.9 for 90 %."
        )


@dataclass(frozen=True)
class GroupedConformal:
    """Held-out errors by group, each list sorted: ``|ln(measured / predicted)|``."""

    groups: Mapping[str, Sequence[float]]

    @classmethod
    def of(cls, errors: Floats, groups: Sequence[str]) -> GroupedConformal:
        """From one error and one group name a row; rows without an error are left out."""
        found: dict[str, list[float]] = {}
        for error, group in zip(errors.tolist(), groups, strict=True):
            if math.isfinite(error):
                found.setdefault(group, []).append(round(error, 6))
        return cls({group: sorted(found[group]) for group in sorted(found)})

    @property
    def largest_level(self) -> float:
        """The highest level that the number of groups supports."""
        return len(self.groups) / (len(self.groups) + 1)

    def half_width(self, level: float) -> float:
        """Half-width in logarithms at ``level``; infinite above :attr:`largest_level`."""
        count = len(self.groups)
        if count == 0:
            return math.inf
        pairs = sorted(
            (error, 1 / ((count + 1) * len(errors)))
            for errors in self.groups.values()
            for error in errors
        )
        reached = 0.0
        for error, weight in pairs:
            reached += weight
            if reached >= level - 1e-12:
                return error
        return math.inf

    def largest(self) -> float:
        """The largest error of all, 0 if there is none."""
        return max((errors[-1] for errors in self.groups.values() if errors), default=0.0)

    def without(self, groups: set[str]) -> GroupedConformal:
        """The same without some groups."""
        return GroupedConformal({g: e for g, e in self.groups.items() if g not in groups})


def normal_ratio(level: float) -> float:
    """How much wider a normal interval of ``level`` is than one of 0.9."""
    normal = NormalDist()
    return normal.inv_cdf(0.5 + level / 2) / normal.inv_cdf(0.5 + LEVEL / 2)


def assumed_half_width(route: str, *, is_hardware_known: bool, worst: float, level: float) -> float:
    """Half-width in logarithms of an assumed range.

    The documented factor of the route, never less than the worst error seen on a measured row,
    spread to ``level`` as a normal distribution would.
    """
    factor = ASSUMED_FACTORS[(route, is_hardware_known)]
    return max(math.log(factor), worst) * normal_ratio(level)


def group_coverage(
    calibration: GroupedConformal, held_out: Mapping[str, set[str]], level: float
) -> dict[str, float]:
    """Half-width for each group, calibrated without it and without those held out with it.

    ``held_out`` names for each group all groups that its calibration must not see.
    """
    return {
        group: calibration.without(held_out[group]).half_width(level)
        for group in calibration.groups
    }


def weighted_median(values: Floats) -> float:
    """The median of the finite values, NaN if there is none."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else math.nan
