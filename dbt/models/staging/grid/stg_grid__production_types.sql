{{
    config(
        materialized='incremental',
        incremental_strategy='replace_rows',
        unique_key=['source_id', 'production_type'],
        meta={'seeds': ['production_type_fuels']},
        pre_hook='{{ forget_remade_sources() }}',
        post_hook='{{ mark_as_read() }}',
    )
}}

with

arrived as (
    select
        source_id,
        production_type,
        count(*) as row_count,
        max(recorded_at) as recorded_at
    from {{ source('grid', 'grid_generation') }}
    where {{ is_not_read() }}
    group by all
    {% if is_incremental() %}
        union all
        select
            source_id,
            production_type,
            row_count,
            recorded_at
        from {{ this }}
    {% endif %}
),

production_types as (
    select
        source_id,
        production_type,
        cast(sum(row_count) as bigint) as row_count,
        max(recorded_at) as recorded_at
    from arrived
    group by all
),

fuels as (
    select * from {{ ref('production_type_fuels') }}
),

mapped as (
    select
        production_types.source_id,
        production_types.production_type,

        fuels.fuel,
        fuels.is_storage,

        production_types.row_count,
        production_types.recorded_at
    from production_types
    left join fuels on production_types.production_type = fuels.production_type
)

select * from mapped
