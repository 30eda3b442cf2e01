with

regions as (
    select * from {{ source('boavizta', 'boavizta_cloud_regions') }}
    qualify row_number() over (
        partition by provider, region
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

countries as (
    select * from {{ ref('countries') }}
),

placed as (
    select
        regions.provider as cloud_provider,
        regions.region as cloud_region,
        countries.country_iso2 as grid_zone_id,

        regions.usage_location as iso3,

        regions.source_id,
        regions.landed_sha256,
        regions.recorded_at
    from regions
    left join countries on regions.usage_location = countries.country_iso3
)

select * from placed
