{# What is older than this is not current. #}
{% set days = 14 %}

with

newest_run as (
    select max(recorded_at) as recorded_at from {{ ref('stg_grid__zones') }}
),

figures as (
    select * from {{ ref('fct_grid_carbon_intensity') }}
    where
        interval_start_at
        >= (select newest_run.recorded_at - interval {{ days }} day from newest_run)
        and interval_minutes <= 60
        and carbon_intensity_gco2e_per_kwh is not null
),

zones as (
    select * from {{ ref('dim_grid_zones') }}
),

newest as (
    select * from figures
    qualify row_number() over (
        partition by
            grid_zone_id, intensity_basis, emission_factor_scope, flow_basis, signal_model,
            source_id
        order by interval_start_at desc, interval_minutes asc
    ) = 1
)

select
    newest.grid_zone_id,
    zones.grid_zone_name,
    newest.intensity_basis,
    newest.emission_factor_scope,
    newest.flow_basis,
    newest.signal_model,
    newest.interval_start_at,
    newest.interval_minutes,
    newest.carbon_intensity_gco2e_per_kwh,
    newest.is_estimated,
    newest.source_id,
    newest.recorded_at
from newest
left join zones on newest.grid_zone_id = zones.grid_zone_id
