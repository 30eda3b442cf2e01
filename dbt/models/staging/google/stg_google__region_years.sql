with

regions as (
    select * from {{ source('google', 'google_region_carbon') }}
    qualify row_number() over (
        partition by year, google_cloud_region
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
)

select
    'gcp' as cloud_provider,
    google_cloud_region as cloud_region,
    year,

    location,
    is_lifecycle,

    google_cfe as carbon_free_energy_share,
    grid_carbon_intensity as location_based_gco2e_per_kwh,

    source_id,
    landed_sha256,
    recorded_at
from regions
