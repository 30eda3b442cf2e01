with

generation as (
    select * from {{ source('grid', 'grid_generation') }}
),

zones as (
    select * from {{ ref('stg_grid__zones') }}
),

production_types as (
    select * from {{ ref('stg_grid__production_types') }}
),

mapped as (
    select
        zones.grid_zone_id,
        generation.interval_start_at,
        generation.interval_minutes,
        generation.production_type,

        generation.provider_zone,
        production_types.fuel,
        production_types.is_storage,

        generation.generation_mw,

        generation.source_id,
        generation.landing_id,
        generation.fetched_at,
        generation.recorded_at
    from generation
    left join zones
        on
            generation.source_id = zones.source_id
            and generation.provider_zone = zones.provider_zone
    left join production_types
        on
            generation.source_id = production_types.source_id
            and generation.production_type = production_types.production_type
)

select * from mapped
