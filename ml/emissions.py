"""From energy to emissions, with the warehouse's own formula and intensities."""

from __future__ import annotations

import polars as pl

from ml.messages import LEAST_SIMILARITY, by_rules, shown
from warehouse.read import Queryable

_SQL = """
with

intensities as (
    select *
    from dim_region_intensity
    qualify row_number() over (partition by region_key order by grid_zone_id) = 1
)

select
    energies.row_index,
    intensities.region_key is not null as is_region_known,
    intensities.carbon_intensity_gco2e_per_kwh,
    intensities.intensity_basis,
    intensities.intensity_source,
    operational_emissions_kgco2e(
        energy_kwh := energies.energy_kwh,
        pue_ratio := 1,
        carbon_intensity_gco2e_per_kwh := intensities.carbon_intensity_gco2e_per_kwh
    ) as emissions_kgco2e,
    operational_emissions_kgco2e(
        energy_kwh := energies.energy_lower_kwh,
        pue_ratio := 1,
        carbon_intensity_gco2e_per_kwh := coalesce(
            intensities.carbon_intensity_lower_gco2e_per_kwh,
            intensities.carbon_intensity_gco2e_per_kwh
        )
    ) as emissions_lower_kgco2e,
    operational_emissions_kgco2e(
        energy_kwh := energies.energy_upper_kwh,
        pue_ratio := 1,
        carbon_intensity_gco2e_per_kwh := coalesce(
            intensities.carbon_intensity_upper_gco2e_per_kwh,
            intensities.carbon_intensity_gco2e_per_kwh
        )
    ) as emissions_upper_kgco2e
from energies
left join intensities
    on normalize_region(region := energies.region) = intensities.region_key
order by energies.row_index
"""

_NEAREST_SQL = f"""
select asked, string_agg(region_key, ', ' order by similarity desc, region_key) as nearest
from (
    select
        asked,
        region_key,
        jaro_winkler_similarity(normalize_region(region := asked), region_key) as similarity
    from unknown_regions
    cross join dim_region_intensity
    where similarity >= {LEAST_SIMILARITY}
    qualify row_number() over (partition by asked order by similarity desc, region_key) <= 3
)
group by asked
"""
_MOST_NAMES_COMPARED = 500


def emissions(warehouse: Queryable, energies: pl.DataFrame) -> pl.DataFrame:
    """Emissions of each row of energy, in their order.

    ``energies`` has ``row_index, region`` and ``energy_kwh, energy_lower_kwh, energy_upper_kwh``,
    all overheads included. Bounds combine those of the energy with those of the intensity; where
    the intensity has none its value serves for both. Nothing stands in for an absent region.
    Added: ``warnings``, which names an unknown region, null if there is nothing to say.
    """
    found = warehouse.query(_SQL, energies=energies)
    regions = pl.DataFrame(
        {
            "region": energies["region"],
            "is_unknown": energies["region"].is_not_null() & ~found["is_region_known"],
            "has_no_figure": found["is_region_known"]
            & found["carbon_intensity_gco2e_per_kwh"].is_null(),
        }
    )
    nearest = _nearest(warehouse, regions.filter("is_unknown")["region"])
    named = pl.col("region").replace_strict(nearest, default=None, return_dtype=pl.String)
    rules = [
        (
            pl.col("is_unknown"),
            pl.concat_str(
                pl.format("region '{}' is not known", shown(pl.col("region"))),
                pl.format(" (nearest: {})", named).fill_null(""),
                pl.lit(", no emissions"),
            ),
        ),
        (
            pl.col("has_no_figure"),
            pl.format("no carbon intensity is known for '{}'", shown(pl.col("region"))),
        ),
    ]
    return found.with_columns(by_rules(regions, rules).alias("warnings"))


def _nearest(warehouse: Queryable, unknown: pl.Series) -> dict[str, str]:
    names = unknown.unique().sort().head(_MOST_NAMES_COMPARED)
    if not names.len():
        return {}
    found = warehouse.query(_NEAREST_SQL, unknown_regions=pl.DataFrame({"asked": names}))
    return dict(found.iter_rows())
