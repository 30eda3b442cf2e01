"""The raw tables that every grid source fills, so that a new provider needs no SQL.

A provider keeps its own zone keys and names of fuels here; dbt resolves them by seed tables. Rows
are versions: a value that a provider says again unchanged is not stored again, a revised one is
stored beside the earlier one.
"""

from __future__ import annotations

import polars as pl

from warehouse.tables import Column, Table

INSTANT = pl.Datetime("us", "UTC")
BASES = ("average", "marginal")
SCOPES = ("lifecycle", "direct")
FLOWS = ("production", "consumption")

# No grid emits more: lignite alone is below 1,300. Above it the unit is wrong (pounds, kilograms).
_HIGHEST_GCO2E_PER_KWH = 3000.0

_ZONE = Column("provider_zone", pl.String, "The provider's own key of the zone", required=True)
_MINUTES = Column(
    "interval_minutes", pl.Int32, "Length of the interval", unit="min", required=True, minimum=1
)
_BASIS = (
    Column(
        "intensity_basis",
        pl.String,
        "average (of all generation) or marginal (of the next unit)",
        required=True,
        allowed=BASES,
    ),
    Column(
        "emission_factor_scope",
        pl.String,
        "lifecycle (with fuel supply and construction) or direct (what leaves the stack)",
        required=True,
        allowed=SCOPES,
    ),
    Column(
        "flow_basis",
        pl.String,
        "production (generated in the zone) or consumption (with imports and exports)",
        required=True,
        allowed=FLOWS,
    ),
)
_MODEL = Column(
    "signal_model",
    pl.String,
    "Version of the provider's model that made the figure; null where it names none",
)
_INTENSITY = Column(
    "carbon_intensity_gco2e_per_kwh",
    pl.Float64,
    "Carbon intensity, converted to grams by the parser where the provider uses another unit",
    unit="gCO2e/kWh",
    required=True,
    minimum=-_HIGHEST_GCO2E_PER_KWH,
    maximum=_HIGHEST_GCO2E_PER_KWH,
)
_UPDATED_AT = Column(
    "provider_updated_at", INSTANT, "When the provider last worked the figure out", unit="UTC"
)
_BASIS_KEY = ("intensity_basis", "emission_factor_scope", "flow_basis", "signal_model")

GRID_INTENSITIES = Table(
    "grid_intensities",
    "One row per version of a zone's carbon intensity in one interval, as its provider gives it",
    (
        _ZONE,
        Column("interval_start_at", INSTANT, "Start of the interval", unit="UTC", required=True),
        _MINUTES,
        *_BASIS,
        _MODEL,
        _INTENSITY,
        Column("is_estimated", pl.Boolean, "Whether the provider calls it an estimate"),
        Column("estimation_method", pl.String, "How it was estimated, in the provider's words"),
        _UPDATED_AT,
    ),
    key=("provider_zone", "interval_start_at", "interval_minutes", *_BASIS_KEY),
    is_versioned=True,
    not_compared=("provider_updated_at",),
)

GRID_FORECASTS = Table(
    "grid_forecasts",
    "One row per forecast of a zone's carbon intensity, by a provider that says when it was issued",
    (
        _ZONE,
        Column("issued_at", INSTANT, "When it was issued", unit="UTC", required=True),
        Column("target_at", INSTANT, "Start of the interval forecast", unit="UTC", required=True),
        _MINUTES,
        *_BASIS,
        _MODEL,
        _INTENSITY,
        Column("carbon_intensity_lower_gco2e_per_kwh", pl.Float64, "Lower bound", unit="gCO2e/kWh"),
        Column("carbon_intensity_upper_gco2e_per_kwh", pl.Float64, "Upper bound", unit="gCO2e/kWh"),
    ),
    key=("provider_zone", "issued_at", "target_at", "interval_minutes", *_BASIS_KEY),
    is_versioned=True,
)

GRID_UNDATED_FORECASTS = Table(
    "grid_undated_forecasts",
    "One row per forecast by a provider that gives no issue time: issued_at is when we first saw "
    "this value for this target, and an unchanged value is not stored again",
    GRID_FORECASTS.columns,
    key=("provider_zone", "target_at", "interval_minutes", *_BASIS_KEY),
    is_versioned=True,
    not_compared=("issued_at",),
)

GRID_GENERATION = Table(
    "grid_generation",
    "One row per version of a zone's mean generation of one production type in one interval",
    (
        _ZONE,
        Column("interval_start_at", INSTANT, "Start of the interval", unit="UTC", required=True),
        _MINUTES,
        Column(
            "production_type", pl.String, "Production type in the provider's words", required=True
        ),
        Column(
            "generation_mw",
            pl.Float64,
            "Mean generation over the interval, negative where storage charges; an interval that "
            "was not reported has no row",
            unit="MW",
            required=True,
        ),
    ),
    key=("provider_zone", "interval_start_at", "interval_minutes", "production_type"),
    is_versioned=True,
)

GRID_TABLES = (GRID_INTENSITIES, GRID_FORECASTS, GRID_UNDATED_FORECASTS, GRID_GENERATION)
