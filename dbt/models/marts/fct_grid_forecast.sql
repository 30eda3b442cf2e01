{{
    config(
        materialized='incremental',
        incremental_strategy='replace_rows',
        unique_key=[
            'grid_zone_id', 'issued_at', 'target_at', 'interval_minutes', 'intensity_basis',
            'emission_factor_scope', 'flow_basis', 'signal_model', 'is_issue_time_given',
            'source_id',
        ],
        on_schema_change='append_new_columns',
        meta={
            'code_of': ['stg_grid__forecasts', 'stg_grid__zones'],
            'seeds': ['grid_zone_keys', 'grid_zones', 'countries'],
        },
        pre_hook='{{ forget_remade_sources() }}',
        post_hook='{{ mark_as_read() }}',
    )
}}

with

forecasts as (
    select * from {{ ref('stg_grid__forecasts') }}
    where grid_zone_id is not null and {{ is_not_read() }}
),

-- Whatever is newer than all that was read before is the version in force.
newest as (
    select * from forecasts
    qualify row_number() over (
        partition by
            source_id, grid_zone_id, issued_at, target_at, interval_minutes, intensity_basis,
            emission_factor_scope, flow_basis, signal_model, is_issue_time_given
        order by recorded_at desc, fetched_at desc, landing_id desc, provider_zone asc
    ) = 1
)

select
    grid_zone_id,
    issued_at,
    target_at,
    cast(interval_minutes as integer) as interval_minutes,
    intensity_basis,
    emission_factor_scope,
    flow_basis,
    signal_model,
    carbon_intensity_gco2e_per_kwh,
    carbon_intensity_lower_gco2e_per_kwh,
    carbon_intensity_upper_gco2e_per_kwh,
    is_issue_time_given,
    source_id,
    recorded_at
from newest
