{# How far back the picture goes. #}
{% set days = 3 %}

with

newest_run as (
    select max(recorded_at) as recorded_at from {{ ref('stg_grid__zones') }}
),

actuals as (
    select * from {{ ref('fct_grid_carbon_intensity') }}
    where
        interval_start_at
        >= (select newest_run.recorded_at - interval {{ days }} day from newest_run)
        and interval_minutes <= 60
    -- A source that gives quarter-hours and generation too has an hour twice: the finer one is its
    -- own figure, the hour is ours.
    qualify
        interval_minutes = min(interval_minutes) over (
            partition by
                grid_zone_id, date_trunc('hour', interval_start_at), intensity_basis,
                emission_factor_scope, flow_basis, signal_model, source_id
        )
),

-- A forecast that was issued when its interval had begun foretold nothing.
forecasts as (
    select * from {{ ref('fct_grid_forecast') }}
    where
        target_at >= (select newest_run.recorded_at - interval {{ days }} day from newest_run)
        and issued_at <= target_at + to_minutes(interval_minutes)
    qualify row_number() over (
        partition by
            grid_zone_id, target_at, interval_minutes, intensity_basis, emission_factor_scope,
            flow_basis, signal_model, source_id
        order by issued_at desc, recorded_at desc, is_issue_time_given desc
    ) = 1
)

select
    coalesce(actuals.grid_zone_id, forecasts.grid_zone_id) as grid_zone_id,
    coalesce(actuals.interval_start_at, forecasts.target_at) as interval_start_at,
    coalesce(actuals.interval_minutes, forecasts.interval_minutes) as interval_minutes,
    coalesce(actuals.intensity_basis, forecasts.intensity_basis) as intensity_basis,
    coalesce(actuals.emission_factor_scope, forecasts.emission_factor_scope)
        as emission_factor_scope,
    coalesce(actuals.flow_basis, forecasts.flow_basis) as flow_basis,
    coalesce(actuals.signal_model, forecasts.signal_model) as signal_model,

    actuals.carbon_intensity_gco2e_per_kwh,
    actuals.is_estimated,
    actuals.quality_flag,

    forecasts.carbon_intensity_gco2e_per_kwh as carbon_intensity_forecast_gco2e_per_kwh,
    forecasts.carbon_intensity_lower_gco2e_per_kwh
        as carbon_intensity_forecast_lower_gco2e_per_kwh,
    forecasts.carbon_intensity_upper_gco2e_per_kwh
        as carbon_intensity_forecast_upper_gco2e_per_kwh,
    forecasts.issued_at as forecast_issued_at,
    forecasts.is_issue_time_given,

    coalesce(actuals.source_id, forecasts.source_id) as source_id,
    greatest(actuals.recorded_at, forecasts.recorded_at) as recorded_at
from actuals
full outer join forecasts
    on
        actuals.grid_zone_id = forecasts.grid_zone_id
        and actuals.interval_start_at = forecasts.target_at
        and actuals.interval_minutes = forecasts.interval_minutes
        and actuals.intensity_basis = forecasts.intensity_basis
        and actuals.emission_factor_scope = forecasts.emission_factor_scope
        and actuals.flow_basis = forecasts.flow_basis
        and actuals.signal_model is not distinct from forecasts.signal_model
        and actuals.source_id = forecasts.source_id
