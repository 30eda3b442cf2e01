-- One row per region of a cloud provider.
select
    cloud_provider,
    cloud_region,
    location,
    grid_zone_id,
    pue_ratio,
    wue_l_per_kwh,
    carbon_free_energy_share,
    carbon_free_energy_year,
    location_based_gco2e_per_kwh,
    location_based_year,
    market_based_gco2e_per_kwh,
    market_based_year,
    source_id
from dim_cloud_regions
order by cloud_provider, cloud_region
limit 5000
