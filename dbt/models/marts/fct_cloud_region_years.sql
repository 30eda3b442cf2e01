select
    cloud_provider || ':' || cloud_region || ':' || year || ':' || source_id as region_year_id,
    cloud_provider,
    cloud_region,
    cast(year as integer) as year,

    location_based_method,

    cast(pue_ratio as double) as pue_ratio,
    cast(wue_l_per_kwh as double) as wue_l_per_kwh,
    cast(carbon_free_energy_share as double) as carbon_free_energy_share,
    cast(carbon_free_energy_annual_share as double) as carbon_free_energy_annual_share,
    cast(location_based_gco2e_per_kwh as double) as location_based_gco2e_per_kwh,
    cast(market_based_gco2e_per_kwh as double) as market_based_gco2e_per_kwh,
    cast(average_consumption_gco2e_per_kwh as double) as average_consumption_gco2e_per_kwh,
    cast(marginal_consumption_gco2e_per_kwh as double) as marginal_consumption_gco2e_per_kwh,
    cast(average_production_gco2e_per_kwh as double) as average_production_gco2e_per_kwh,

    source_id,
    source_url
from {{ ref('int_cloud__region_years') }}
where year is not null
