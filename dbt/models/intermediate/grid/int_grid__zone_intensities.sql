-- One figure for each zone, to estimate with where no hour is known: the newest complete year of
-- Ember's lifecycle figures, else a sub-zone's own figure, else another source's. Its bounds are
-- the lowest and highest of all figures of that zone on the same basis, whatever source and year.
with

yearly as (
    select * from {{ ref('int_grid__yearly_intensities') }}
    where intensity_year < extract('year' from recorded_at)
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
    select * exclude (interval_start_at, interval_minutes)
    from yearly
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
