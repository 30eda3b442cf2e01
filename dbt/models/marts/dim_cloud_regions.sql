{% set figures = {
    'pue_ratio': 'pue',
    'wue_l_per_kwh': 'wue',
    'carbon_free_energy_share': 'carbon_free_energy',
    'location_based_gco2e_per_kwh': 'location_based',
    'market_based_gco2e_per_kwh': 'market_based',
} %}

-- Our own table first; a region that only others list comes with the zone that they give it. Of
-- each figure the newest counts; of the same year the provider's own, then our table's.
with

region_years as (
    select * from {{ ref('int_cloud__region_years') }}
),

zoned_years as (
    select * from {{ ref('stg_gsf__region_years') }}
),

calculated as (
    select * from {{ ref('stg_mlco2__cloud_regions') }}
),

listed as (
    select
        cloud_provider,
        cloud_region,
        grid_zone_id,
        location,
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

    union all by name

    select
        cloud_provider,
        cloud_region,
        arg_max(grid_zone_id, year) as grid_zone_id,
        arg_max(location, year) as location,
        any_value(source_id) as source_id,
        4 as preference
    from zoned_years
    group by cloud_provider, cloud_region

    union all by name

    select
        cloud_provider,
        cloud_region,
        grid_zone_id,
        location,
        source_id,
        source_url,
        5 as preference
    from calculated
    where cloud_region is not null
),

regions as (
    select * from listed
    where grid_zone_id is not null
    qualify row_number() over (
        partition by cloud_provider, cloud_region
        order by preference, location
    ) = 1
),

zone_keys as (
    select
        cloud_provider,
        cloud_region,
        arg_max(electricity_maps_zone, year) as electricity_maps_zone,
        arg_max(watttime_region, year) as watttime_region,
        arg_max(google_cfe_region, year) as google_cfe_region,
        arg_max(latitude_deg, year) as latitude_deg,
        arg_max(longitude_deg, year) as longitude_deg
    from zoned_years
    group by cloud_provider, cloud_region
)

{% for column, name in figures.items() %}
    ,

    newest_{{ name }} as (
        select
            cloud_provider,
            cloud_region,
            {{ column }},
            year,
            location_based_method,
            source_id
        from region_years
        where {{ column }} is not null
        qualify row_number() over (
            partition by cloud_provider, cloud_region
            order by order_year desc, preference asc
        ) = 1
    )
{% endfor %}

select
    regions.cloud_provider,
    regions.cloud_region,
    regions.grid_zone_id,
    zone_keys.electricity_maps_zone,
    zone_keys.watttime_region,
    zone_keys.google_cfe_region,

    regions.location,
    zone_keys.latitude_deg,
    zone_keys.longitude_deg,

    {% for column, name in figures.items() %}
        cast(newest_{{ name }}.{{ column }} as double) as {{ column }},
        cast(newest_{{ name }}.year as integer) as {{ name }}_year,
        newest_{{ name }}.source_id as {{ name }}_source_id,
    {% endfor %}
    newest_location_based.location_based_method,

    regions.source_id,
    regions.source_url
from regions
left join zone_keys
    on
        regions.cloud_provider = zone_keys.cloud_provider
        and regions.cloud_region = zone_keys.cloud_region
{% for name in figures.values() %}
    left join newest_{{ name }}
        on
            regions.cloud_provider = newest_{{ name }}.cloud_provider
            and regions.cloud_region = newest_{{ name }}.cloud_region
{% endfor %}
