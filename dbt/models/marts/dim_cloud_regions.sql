-- Our own table first; a region that only CodeCarbon or Boavizta lists comes without overheads.
with

listed as (
    select
        cloud_provider,
        cloud_region,
        grid_zone_id,
        location,
        cast(pue_ratio as double) as pue_ratio,
        cast(wue_l_per_kwh as double) as wue_l_per_kwh,
        cast(carbon_free_energy_share as double) as carbon_free_energy_share,
        'joulehouse-seeds' as source_id,
        source_url,
        1 as preference
    from {{ ref('cloud_regions') }}

    union all by name

    select
        cloud_provider,
        cloud_region,
        grid_zone_id,
        location,
        source_id,
        source_url,
        2 as preference
    from {{ ref('stg_codecarbon__cloud_regions') }}

    union all by name

    select
        cloud_provider,
        cloud_region,
        grid_zone_id,
        source_id,
        3 as preference
    from {{ ref('stg_boavizta__cloud_regions') }}
)

select
    cloud_provider,
    cloud_region,
    grid_zone_id,
    location,
    pue_ratio,
    wue_l_per_kwh,
    carbon_free_energy_share,
    source_id,
    source_url
from listed
where grid_zone_id is not null
qualify row_number() over (
    partition by cloud_provider, cloud_region
    order by preference
) = 1
