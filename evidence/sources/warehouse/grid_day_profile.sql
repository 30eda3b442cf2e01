-- One row per zone, hour of the day (UTC), basis, scope and source: the mean over the last 365
-- days that the source gives for the zone.
with

fine_intervals as (
    select
        *,
        max(interval_start_at) over (
            partition by
                grid_zone_id, intensity_basis, emission_factor_scope, flow_basis, source_id
        ) as newest_start_at
    from fct_grid_carbon_intensity
    where interval_minutes <= 60
)

select
    grid_zone_id,
    hour(interval_start_at) as hour_of_day_utc,
    intensity_basis,
    emission_factor_scope,
    flow_basis,
    source_id,
    avg(carbon_intensity_gco2e_per_kwh) as carbon_intensity_gco2e_per_kwh,
    max(newest_start_at)::date as newest_date,
    count(carbon_intensity_gco2e_per_kwh) as interval_count
from fine_intervals
where interval_start_at > newest_start_at - interval 365 day
group by all
order by grid_zone_id, emission_factor_scope, source_id, hour_of_day_utc
limit 20000
