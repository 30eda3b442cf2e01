{{
    config(
        materialized='incremental',
        incremental_strategy='replace_rows',
        unique_key=['source_id', 'provider_zone'],
        meta={'seeds': ['grid_zone_keys', 'grid_zones', 'countries']},
        pre_hook='{{ forget_remade_sources() }}',
        post_hook='{{ mark_as_read() }}',
    )
}}

{% set is_not_read = is_not_read() %}

with

arrived as (
    {% for table in (
        'grid_intensities', 'grid_forecasts', 'grid_undated_forecasts', 'grid_generation'
    ) %}
        select
            source_id,
            provider_zone,
            count(*) as row_count,
            max(recorded_at) as recorded_at
        from {{ source('grid', table) }}
        where {{ is_not_read }}
        group by all
        {{ 'union all' if not loop.last }}
    {% endfor %}
    {% if is_incremental() %}
        union all
        select
            source_id,
            provider_zone,
            row_count,
            recorded_at
        from {{ this }}
    {% endif %}
),

provider_zones as (
    select
        source_id,
        provider_zone,
        cast(sum(row_count) as bigint) as row_count,
        max(recorded_at) as recorded_at
    from arrived
    group by all
),

keys as (
    select * from {{ ref('grid_zone_keys') }}
),

countries as (
    select * from {{ ref('countries') }}
),

known_zones as (
    select country_iso2 as grid_zone_id from countries
    union
    select grid_zone_id from {{ ref('grid_zones') }}
),

resolved as (
    select
        provider_zones.source_id,
        provider_zones.provider_zone,

        case
            when keys.grid_zone_id is not null then keys.grid_zone_id
            -- Two keys for one zone would be one grid counted twice (ENTSO-E's DE beside DE_LU).
            when other_keys.grid_zone_id is not null then null
            when known_zones.grid_zone_id is not null then provider_zones.provider_zone
            when countries.country_iso2 is not null then provider_zones.provider_zone
        end as grid_zone_id,
        countries.country_iso2 is not null
        and known_zones.grid_zone_id is null
        and keys.grid_zone_id is null as is_assumed_subzone,

        provider_zones.row_count,
        provider_zones.recorded_at
    from provider_zones
    left join keys
        on
            provider_zones.source_id = keys.source_id
            and provider_zones.provider_zone = keys.provider_zone
    left join keys as other_keys
        on
            provider_zones.source_id = other_keys.source_id
            and provider_zones.provider_zone = other_keys.grid_zone_id
    left join known_zones on provider_zones.provider_zone = known_zones.grid_zone_id
    left join countries
        on
            regexp_matches(provider_zones.provider_zone, '^[A-Z]{2}-.')
            and left(provider_zones.provider_zone, 2) = countries.country_iso2
)

select * from resolved
