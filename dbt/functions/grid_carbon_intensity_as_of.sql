with

providers_knew as (
    select * from {{ ref('stg_grid__intensities') }}
    where grid_zone_id is not null and recorded_at <= instant
    qualify row_number() over (
        partition by
            source_id, grid_zone_id, interval_start_at, interval_minutes, intensity_basis,
            emission_factor_scope, flow_basis, signal_model
        order by recorded_at desc, fetched_at desc, landing_id desc, provider_zone asc
    ) = 1
),

of_providers as (
    {{ grid_figures_of_providers('providers_knew') }}
),

newest as (
    select * from {{ ref('stg_grid__generation') }}
    where grid_zone_id is not null and is_storage is not true and recorded_at <= instant
    qualify row_number() over (
        partition by
            source_id, grid_zone_id, interval_start_at, interval_minutes, production_type
        order by recorded_at desc, fetched_at desc, landing_id desc
    ) = 1
),

-- The emission factors as they stood then. What stood before their file was first read is not known:
-- its first state stands for that.
factor_versions as (
    select * from {{ ref('stg_seeds__emission_factors') }}
),

factors_known as (
    select * from factor_versions
    where recorded_at <= greatest(instant, (select min(recorded_at) from factor_versions))
    qualify row_number() over (
        partition by fuel, emission_factor_scope
        order by recorded_at desc
    ) = 1
),

factors_then as (
    select * from factors_known
    where not is_withdrawn
),

{{ live_mix('newest', factors='factors_then') }},

of_live_hours as (
    {{ grid_figures_of_hours('live_hours', unless='providers_knew') }}
),

archive as (
    select * from {{ ref('int_grid__hourly_mix') }}
    where recorded_at <= instant
),

of_archive as (
    {{ grid_figures_of_hours('archive') }}
),

years as (
    select * from {{ ref('int_grid__yearly_versions') }}
    where recorded_at <= instant
    qualify row_number() over (
        partition by
            source_id, grid_zone_id, interval_start_at, intensity_basis, emission_factor_scope,
            flow_basis
        order by recorded_at desc, fetched_at desc
    ) = 1
),

of_years as (
    {{ grid_figures_of_years('years') }}
)

select * from of_providers
union all
select * from of_live_hours
union all
select * from of_archive
union all
select * from of_years
