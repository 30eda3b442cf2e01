{# Live generation as int_grid__live_mix and grid_carbon_intensity_as_of reckon with it: the hours of
   `generation`, each zone of each source by itself, each month for itself; with `factors`, if that is
   named, in the place of today's emission factors. #}
{% macro live_mix(generation='newest', factors=none) %}
newest_intervals as (
    -- A provider that changes from hours to quarters gives the same hour twice: the finer counts.
    select * from {{ generation }}
    qualify
        interval_minutes = min(interval_minutes) over (
            partition by source_id, grid_zone_id, date_trunc('hour', interval_start_at)
        )
),

{{ hourly_mix(
    generation='newest_intervals',
    keys=['source_id', 'grid_zone_id'],
    outlier_period='month',
    is_month_closed=true,
    pumping_fuels=['hydro', 'hydro_reservoir', 'hydro_run_of_river'],
    factors=factors,
) }},

-- Rounded, because a sum in another order differs in its last digit, and the hour would seem new.
live_hours as (
    select
        source_id,
        grid_zone_id,
        interval_start_at,
        round(generation_mwh, 6) as generation_mwh,
        round(coalesce(proxy_generation_mwh, 0) / nullif(generation_mwh, 0), 9)
            as proxy_generation_share,
        case when quality_flag is null then round(lifecycle_gco2e_per_kwh, 6) end
            as lifecycle_gco2e_per_kwh,
        case when quality_flag is null then round(direct_gco2e_per_kwh, 6) end
            as direct_gco2e_per_kwh,
        quality_flag,
        recorded_at
    from flagged
)
{% endmacro %}
