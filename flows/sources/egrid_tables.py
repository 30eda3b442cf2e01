"""The raw table of eGRID, and the codes of its columns in the workbook."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from warehouse.tables import Column, Table


@dataclass(frozen=True)
class Kind:
    """What one kind of sheet is about, and the letters that its columns' codes begin with."""

    area_kind: str
    prefix: str
    code: str | None
    name: str | None

    def first_of(self, codes: Sequence[str], found: Container[str]) -> str:
        """The first of these codes, with the kind's prefix, that is there; empty if none is."""
        return next((self.prefix + code for code in codes if self.prefix + code in found), "")


KINDS = {
    "SRL": Kind("subregion", "SR", "SUBRGN", "SRNAME"),
    "BA": Kind("balancing_authority", "BA", "BACODE", "BANAME"),
    "ST": Kind("state", "ST", "PSTATABB", "STNAME"),
    "US": Kind("country", "US", None, None),
}
# Our column and the codes, less their prefix, that it has had. The first three are always there.
MEASURES = {
    "generation_mwh": ("NGENAN",),
    "co2_lb_per_mwh": ("CO2RTA",),
    "co2e_lb_per_mwh": ("C2ERTA",),
    "nonbaseload_co2_lb_per_mwh": ("NBCO2",),
    "nonbaseload_co2e_lb_per_mwh": ("NBC2E", "NBC2ER"),
}
REQUIRED = ("generation_mwh", "co2_lb_per_mwh", "co2e_lb_per_mwh")

_rate = partial(Column, dtype=pl.Float64, unit="lb/MWh")
_output_rate = partial(_rate, minimum=0.0, maximum=20000.0)

RATES = Table(
    "egrid_rates",
    "One row per version of the yearly emission rates of a part of the United States",
    (
        Column(
            "year",
            pl.Int16,
            "Year of the data",
            unit="year",
            required=True,
            minimum=1990,
            maximum=2100,
        ),
        Column(
            "area_kind",
            pl.String,
            "Subregion of eGRID, balancing authority, state, or the whole country",
            required=True,
            allowed=tuple(kind.area_kind for kind in KINDS.values()),
        ),
        Column("area_code", pl.String, "Code of the area, such as CAMX or CA", required=True),
        Column("area_name", pl.String, "Name of the area, where the sheet gives one"),
        Column(
            "generation_mwh",
            pl.Float64,
            "Net generation, negative where pumping exceeds it",
            unit="MWh",
        ),
        _output_rate("co2_lb_per_mwh", description="CO2 emitted by all generation"),
        _output_rate("co2e_lb_per_mwh", description="CO2 equivalents emitted by all generation"),
        _rate("nonbaseload_co2_lb_per_mwh", description="CO2 emitted by non-baseload plants"),
        _rate(
            "nonbaseload_co2e_lb_per_mwh",
            description="CO2 equivalents emitted by non-baseload plants",
        ),
    ),
    key=("year", "area_kind", "area_code"),
    is_versioned=True,
)
