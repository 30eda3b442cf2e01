with

regions as (
    select * from {{ source('codecarbon', 'codecarbon_cloud_regions') }}
    qualify row_number() over (
        partition by provider, region
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

countries as (
    select * from {{ ref('countries') }}
),

-- Two slips of the provider: Doha's region is misspelt, Hong Kong's is given as mainland China.
mended as (
    select
        * replace (
            case when region = 'me-cenrtal1' then 'me-central1' else region end as region,
            case
                when provider = 'gcp' and region = 'asia-east2' then 'HKG' else country_iso_code
            end as country_iso_code
        )
    from regions
),

placed as (
    select
        mended.provider as cloud_provider,
        mended.region as cloud_region,
        countries.country_iso2 as grid_zone_id,

        concat_ws(', ', mended.city, mended.state, mended.country_name) as location,
        mended.provider_name as cloud_provider_name,

        mended.impact as carbon_intensity_gco2e_per_kwh,

        mended.source as source_url,
        mended.source_id,
        mended.landed_sha256,
        mended.recorded_at
    from mended
    left join countries on mended.country_iso_code = countries.country_iso3
)

select * from placed
