-- Hours of the grid that were flagged and not used; zones and fuels that are not known.
with

hours as (
    select
        grid_zone_id,
        interval_start_at,
        quality_flag,
        source_id
    from {{ ref('int_grid__hourly_mix') }}

    union all

    select
        grid_zone_id,
        interval_start_at,
        quality_flag,
        source_id
    from {{ ref('int_grid__live_mix') }}

    union all

    select
        grid_zone_id,
        interval_start_at,
        quality_flag,
        source_id
    from {{ ref('fct_grid_carbon_intensity') }}
    where quality_flag = 'implausible_intensity'
),

provider_zones as (
    select * from {{ ref('stg_grid__zones') }}
),

production_types as (
    select * from {{ ref('stg_grid__production_types') }}
),

grid_hours as (
    select
        'grid_' || quality_flag as finding_kind,
        'fct_grid_carbon_intensity' as table_name,
        grid_zone_id as subject,
        count(*) as finding_count,
        min(interval_start_at) as first_at,
        max(interval_start_at) as last_at,
        case quality_flag
            when 'zero_total' then 'Nothing was generated in the whole zone; not used.'
            when 'incomplete_hour' then 'Parts of the hour are missing; not used.'
            when 'negative_generation'
                then 'A fuel draws more than 2 % of the zone''s generation; not used.'
            when 'missing_fuel'
                then 'A fuel with 1 % or more of the month''s generation is missing; not used.'
            when 'implausible_fuel'
                then 'A fuel far above anything else in its year; not used.'
            when 'implausible_total'
                then 'Below a tenth or above five times the month''s median; not used.'
            when 'sudden_drop' then 'Below half of both neighbouring hours; not used.'
            when 'sudden_spike' then 'Above twice both neighbouring hours; not used.'
            when 'unknown_emission_factor' then 'A fuel ran that has no emission factor; not used.'
            when 'implausible_intensity'
                then 'Negative, or above 2000 gCO2e/kWh, more than any fuel emits; not used.'
        end as detail,
        source_id
    from hours
    where quality_flag is not null
    group by all
),

unknown_keys as (
    select
        'unresolved_zone' as finding_kind,
        'raw.grid_*' as table_name,
        provider_zone as subject,
        row_count as finding_count,
        recorded_at as last_at,
        'No such zone in grid_zone_keys: its rows are kept and not used.' as detail,
        source_id
    from provider_zones
    where grid_zone_id is null

    union all

    select
        'unresolved_production_type' as finding_kind,
        'raw.grid_generation' as table_name,
        production_type as subject,
        row_count as finding_count,
        recorded_at as last_at,
        'No such type in production_type_fuels: hours in which it ran are not used.' as detail,
        source_id
    from production_types
    where fuel is null
)

select * from grid_hours
union all by name
select * from unknown_keys
