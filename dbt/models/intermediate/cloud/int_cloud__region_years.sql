-- What each source says of a region and a year. A figure without a year is ordered as if of the
-- year before it was read; one of unknown age (the ML CO2 calculator's) comes after all others.
with

own_overheads as (
    select
        cloud_provider,
        cloud_region,
        pue_year as year,
        coalesce(pue_year, year(retrieved_date) - 1) as order_year,
        pue_ratio,
        wue_l_per_kwh,
        pue_source_url as source_url
    from {{ ref('cloud_regions') }}
    where pue_ratio is not null or wue_l_per_kwh is not null
),

own_intensities as (
    select
        cloud_provider,
        cloud_region,
        provider_carbon_intensity_year as year,
        coalesce(provider_carbon_intensity_year, year(retrieved_date) - 1) as order_year,
        carbon_free_energy_share,
        provider_carbon_intensity_gco2e_per_kwh as location_based_gco2e_per_kwh,
        'stated by the provider' as location_based_method,
        source_url
    from {{ ref('cloud_regions') }}
    where
        carbon_free_energy_share is not null
        or provider_carbon_intensity_gco2e_per_kwh is not null
),

own_rows as (
    select * from own_overheads
    union all by name
    select * from own_intensities
),

-- Overheads and intensities of one year are one row.
own as (
    select
        cloud_provider,
        cloud_region,
        year,
        order_year,
        max(pue_ratio) as pue_ratio,
        max(wue_l_per_kwh) as wue_l_per_kwh,
        max(carbon_free_energy_share) as carbon_free_energy_share,
        max(location_based_gco2e_per_kwh) as location_based_gco2e_per_kwh,
        max(location_based_method) as location_based_method,
        'joulehouse-seeds' as source_id,
        min(source_url) as source_url,
        2 as preference
    from own_rows
    group by cloud_provider, cloud_region, year, order_year
),

google as (
    select
        cloud_provider,
        cloud_region,
        year,
        year as order_year,
        carbon_free_energy_share,
        location_based_gco2e_per_kwh,
        case when location_based_gco2e_per_kwh is not null then 'stated by the provider' end
            as location_based_method,
        source_id,
        recorded_at,
        1 as preference
    from {{ ref('stg_google__region_years') }}
),

gsf as (
    select
        cloud_provider,
        cloud_region,
        year,
        year as order_year,
        pue_ratio,
        wue_l_per_kwh,
        carbon_free_energy_share,
        carbon_free_energy_annual_share,
        coalesce(provider_location_gco2e_per_kwh, average_consumption_gco2e_per_kwh)
            as location_based_gco2e_per_kwh,
        case
            when provider_location_gco2e_per_kwh is not null then 'stated by the provider'
            when average_consumption_gco2e_per_kwh is not null
                then 'average of the zone''s consumption'
        end as location_based_method,
        market_based_gco2e_per_kwh,
        average_consumption_gco2e_per_kwh,
        marginal_consumption_gco2e_per_kwh,
        average_production_gco2e_per_kwh,
        source_id,
        recorded_at,
        3 as preference
    from {{ ref('stg_gsf__region_years') }}
),

mlco2 as (
    select
        cloud_provider,
        cloud_region,
        0 as order_year,
        max(pue_ratio) as pue_ratio,
        avg(carbon_intensity_gco2e_per_kwh) as location_based_gco2e_per_kwh,
        'grid, 2019 to 2022' as location_based_method,
        any_value(source_id) as source_id,
        max(recorded_at) as recorded_at,
        min(source_url) as source_url,
        4 as preference
    from {{ ref('stg_mlco2__cloud_regions') }}
    where cloud_region is not null
    group by cloud_provider, cloud_region
),

years as (
    select * from own
    union all by name
    select * from google
    union all by name
    select * from gsf
    union all by name
    select * from mlco2
)

select
    cloud_provider,
    cloud_region,
    year,
    order_year,
    preference,

    location_based_method,

    pue_ratio,
    wue_l_per_kwh,
    carbon_free_energy_share,
    carbon_free_energy_annual_share,
    location_based_gco2e_per_kwh,
    market_based_gco2e_per_kwh,
    average_consumption_gco2e_per_kwh,
    marginal_consumption_gco2e_per_kwh,
    average_production_gco2e_per_kwh,

    source_id,
    source_url,
    recorded_at
from years
