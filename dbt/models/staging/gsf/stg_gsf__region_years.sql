-- A region that stands twice in a year is the one whose zone lies in the country that our own table
-- gives it: northeurope is in Ireland, not in Finland.
with

regions as (
    select
        *,
        case cloud_provider
            when 'Amazon Web Services' then 'aws'
            when 'Google Cloud' then 'gcp'
            when 'Microsoft Azure' then 'azure'
            when 'Oracle Cloud' then 'oracle'
            else {{ function('normalize_name') }}(name := cloud_provider)
        end as provider_key
    from {{ source('gsf', 'gsf_cloud_regions') }}
    qualify row_number() over (
        partition by year, cloud_provider, cloud_region, em_zone_id
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

own_regions as (
    select * from {{ ref('cloud_regions') }}
),

grid_zones as (
    select country_iso2 as grid_zone_id from {{ ref('countries') }}
    union all
    select grid_zone_id from {{ ref('grid_zones') }}
),

chosen as (
    select regions.*
    from regions
    left join own_regions
        on
            regions.provider_key = own_regions.cloud_provider
            and regions.cloud_region = own_regions.cloud_region
    qualify row_number() over (
        partition by regions.provider_key, regions.cloud_region, regions.year
        order by
            coalesce(split_part(regions.em_zone_id, '-', 1) = own_regions.country_iso2, false) desc,
            regions.recorded_at desc,
            regions.em_zone_id asc
    ) = 1
)

select
    chosen.provider_key as cloud_provider,
    chosen.cloud_region,
    chosen.year,

    coalesce(own_zone.grid_zone_id, country.grid_zone_id) as grid_zone_id,
    chosen.location,
    chosen.cfe_region as google_cfe_region,
    chosen.em_zone_id as electricity_maps_zone,
    chosen.wt_region_id as watttime_region,
    chosen.latitude_deg,
    chosen.longitude_deg,

    chosen.power_usage_effectiveness as pue_ratio,
    chosen.water_usage_effectiveness as wue_l_per_kwh,
    chosen.provider_cfe_hourly as carbon_free_energy_share,
    chosen.provider_cfe_annual as carbon_free_energy_annual_share,
    chosen.provider_carbon_intensity_market_annual as market_based_gco2e_per_kwh,
    chosen.provider_carbon_intensity_average_consumption_hourly as provider_location_gco2e_per_kwh,
    chosen.grid_carbon_intensity_average_consumption_annual as average_consumption_gco2e_per_kwh,
    chosen.grid_carbon_intensity_marginal_consumption_annual as marginal_consumption_gco2e_per_kwh,
    chosen.grid_carbon_intensity_average_production_annual as average_production_gco2e_per_kwh,

    chosen.source_id,
    chosen.landed_sha256,
    chosen.recorded_at
from chosen
left join grid_zones as own_zone on chosen.em_zone_id = own_zone.grid_zone_id
left join grid_zones as country on split_part(chosen.em_zone_id, '-', 1) = country.grid_zone_id
