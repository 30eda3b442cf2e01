{{
    config(
        materialized='incremental',
        incremental_strategy='replace_rows',
        unique_key=['source_id', 'grid_zone_id', 'interval_start_at'],
        meta={
            'code_of': [
                'stg_grid__generation', 'stg_grid__zones', 'stg_grid__production_types',
                'intensity_from_mix_gco2e_per_kwh',
            ],
            'macros': ['live_mix'],
            'seeds': [
                'grid_zone_keys', 'grid_zones', 'countries', 'production_type_fuels',
                'emission_factors',
            ],
        },
        pre_hook='{{ forget_remade_sources() }}',
        post_hook='{{ mark_as_read() }}',
    )
}}

{# What is wrong with an hour depends on its month, so a month that was touched is made anew. #}
{% set is_not_read = is_not_read() %}
{% set first_month_at = lowest_not_read(
    source('grid', 'grid_generation'), "date_trunc('month', interval_start_at)"
) %}

with

generation as (
    select * from {{ ref('stg_grid__generation') }}
    where
        grid_zone_id is not null
        and interval_start_at >= {{ first_month_at }}
),

touched_months as (
    select distinct
        source_id,
        grid_zone_id,
        date_trunc('month', interval_start_at) as month_start_at
    from generation
    where {{ is_not_read }}
),

versions as (
    select generation.* from generation
    inner join touched_months
        on
            generation.source_id = touched_months.source_id
            and generation.grid_zone_id = touched_months.grid_zone_id
            and date_trunc('month', generation.interval_start_at) = touched_months.month_start_at
    where generation.is_storage is not true
),

newest as (
    select * from versions
    qualify row_number() over (
        partition by
            source_id, grid_zone_id, interval_start_at, interval_minutes, production_type
        order by recorded_at desc, fetched_at desc, landing_id desc
    ) = 1
),

{{ live_mix('newest') }}

{% if is_incremental() %}
    ,

    -- An hour that comes out as it was stays where it is.
    changed as (
        select * from live_hours
        except
        select
            source_id,
            grid_zone_id,
            interval_start_at,
            generation_mwh,
            proxy_generation_share,
            lifecycle_gco2e_per_kwh,
            direct_gco2e_per_kwh,
            quality_flag,
            recorded_at
        from {{ this }}
        where interval_start_at >= {{ first_month_at }}
    )

    select * from changed
{% else %}
    select * from live_hours
{% endif %}
