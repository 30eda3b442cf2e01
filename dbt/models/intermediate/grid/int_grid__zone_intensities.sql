-- One figure for each zone, to estimate with where no hour is known: the newest complete year of
-- Ember's lifecycle figures, else a sub-zone's own figure, else another source's. Its bounds are
-- the lowest and highest of all recent figures of that zone on the same basis, whatever source.
with

yearly as (
    select
        grid_zone_id,
        intensity_year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh,
        estimation_method,
        preference,
        source_id,
        recorded_at
    from {{ ref('int_grid__yearly_intensities') }}
    where
        intensity_year < extract('year' from recorded_at)
        -- Decades of history say nothing of the range that a grid has today.
        and (
            source_id not in ('ember', 'owid', 'egrid')
            or intensity_year >= extract('year' from recorded_at) - 6
        )
        and carbon_intensity_gco2e_per_kwh between 0 and 2000
),

-- A year of live hours takes the place of a year that nobody publishes, never a few hours.
live_years as (
    select * from {{ ref('int_grid__live_years') }}
),

undated as (
    select
        grid_zone_id,
        cast(null as integer) as intensity_year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh,
        cast(null as varchar) as estimation_method,
        4 as preference,
        source_id,
        recorded_at
    from {{ ref('stg_ecologits__electricity_mixes') }}
    where grid_zone_id is not null and carbon_intensity_gco2e_per_kwh is not null
),

candidates as (
    select * from yearly
    union all by name
    select * from live_years
    union all by name
    select * from undated
),

ranked as (
    select
        *,
        min(carbon_intensity_gco2e_per_kwh) over same_basis as lowest_gco2e_per_kwh,
        max(carbon_intensity_gco2e_per_kwh) over same_basis as highest_gco2e_per_kwh,
        count(*) over same_basis as figure_count
    from candidates
    window
        same_basis as (
            partition by grid_zone_id, intensity_basis, emission_factor_scope, flow_basis
        )
),

chosen as (
    select * from ranked
    qualify row_number() over (
        partition by grid_zone_id
        order by
            preference asc,
            intensity_year desc nulls last,
            emission_factor_scope desc,
            source_id asc
    ) = 1
)

select
    grid_zone_id,
    intensity_year,
    intensity_basis,
    emission_factor_scope,
    flow_basis,
    estimation_method,
    carbon_intensity_gco2e_per_kwh,
    case when figure_count > 1 then lowest_gco2e_per_kwh end
        as carbon_intensity_lower_gco2e_per_kwh,
    case when figure_count > 1 then highest_gco2e_per_kwh end
        as carbon_intensity_upper_gco2e_per_kwh,
    source_id
from chosen
