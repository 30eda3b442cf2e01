with

forecasts as (
    select
        *,
        true as is_issue_time_given
    from {{ source('grid', 'grid_forecasts') }}

    union all by name

    -- A value that came again unchanged was not stored again, so that issued_at is when it was
    -- first seen.
    select
        *,
        false as is_issue_time_given
    from {{ source('grid', 'grid_undated_forecasts') }}
),

zones as (
    select * from {{ ref('stg_grid__zones') }}
),

placed as (
    select
        zones.grid_zone_id,
        forecasts.issued_at,
        forecasts.target_at,
        forecasts.interval_minutes,
        forecasts.intensity_basis,
        forecasts.emission_factor_scope,
        forecasts.flow_basis,
        forecasts.signal_model,

        forecasts.provider_zone,
        forecasts.is_issue_time_given,

        forecasts.carbon_intensity_gco2e_per_kwh,
        forecasts.carbon_intensity_lower_gco2e_per_kwh,
        forecasts.carbon_intensity_upper_gco2e_per_kwh,

        forecasts.source_id,
        forecasts.landing_id,
        forecasts.fetched_at,
        forecasts.recorded_at
    from forecasts
    left join zones
        on
            forecasts.source_id = zones.source_id
            and forecasts.provider_zone = zones.provider_zone
)

select * from placed
