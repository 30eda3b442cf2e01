with

zones as (
    select * from {{ ref('dim_grid_zones') }}
),

intensities as (
    select * from {{ ref('int_grid__zone_intensities') }}
),

cloud_regions as (
    select * from {{ ref('dim_cloud_regions') }}
),

sources as (
    select * from {{ source('joulehouse', 'sources') }}
),

other_country_names as (
    select
        country_iso2 as grid_zone_id,
        unnest(string_split(alternative_names, ';')) as country_name
    from {{ ref('countries') }}
    where alternative_names is not null
),

-- A name that stands for two places is given to the first of these kinds that has it; a cloud
-- region's name that two providers use for different zones is known only with its provider.
keys as (
    select
        grid_zone_id as region,
        'grid_zone' as region_kind,
        1 as preference,
        grid_zone_id
    from zones

    union all

    select
        country_iso3 as region,
        'country_iso3' as region_kind,
        2 as preference,
        grid_zone_id
    from zones
    where zone_kind = 'country'

    union all

    select
        grid_zone_name as region,
        'country_name' as region_kind,
        3 as preference,
        grid_zone_id
    from zones
    where zone_kind <> 'subzone'

    union all

    select
        country_name as region,
        'country_name' as region_kind,
        4 as preference,
        grid_zone_id
    from other_country_names

    union all

    select
        cloud_provider || ':' || cloud_region as region,
        'provider_region' as region_kind,
        5 as preference,
        grid_zone_id
    from cloud_regions

    union all

    select
        cloud_region as region,
        'cloud_region' as region_kind,
        6 as preference,
        any_value(grid_zone_id) as grid_zone_id
    from cloud_regions
    group by cloud_region
    having count(distinct grid_zone_id) = 1

    union all

    select
        grid_zone_name as region,
        'subzone_name' as region_kind,
        7 as preference,
        any_value(grid_zone_id) as grid_zone_id
    from zones
    where zone_kind = 'subzone'
    group by grid_zone_name
    having count(*) = 1
),

unique_keys as (
    select
        {{ function('normalize_region') }}(region := region) as region_key,
        region_kind,
        grid_zone_id
    from keys
    where region is not null
    qualify row_number() over (partition by region_key order by preference, grid_zone_id) = 1
),

-- A sub-zone without a figure of its own takes its country's, and says so.
zone_figures as (
    select
        zones.grid_zone_id,
        coalesce(own.grid_zone_id, country.grid_zone_id) as figure_zone_id
    from zones
    left join intensities as own on zones.grid_zone_id = own.grid_zone_id
    left join intensities as country on zones.country_iso2 = country.grid_zone_id
)

select
    unique_keys.region_key,
    unique_keys.region_kind,
    unique_keys.grid_zone_id,

    intensities.carbon_intensity_gco2e_per_kwh,
    intensities.carbon_intensity_lower_gco2e_per_kwh,
    intensities.carbon_intensity_upper_gco2e_per_kwh,
    intensities.intensity_basis,
    intensities.emission_factor_scope,
    intensities.flow_basis,
    intensities.intensity_year,
    intensities.estimation_method is not null
    or zone_figures.figure_zone_id <> unique_keys.grid_zone_id as is_estimated,

    intensities.source_id,
    case
        when intensities.grid_zone_id is not null
            then
                coalesce(sources.title, intensities.source_id)
                || coalesce(', ' || intensities.intensity_year, ', year not given')
                || case
                    when zone_figures.figure_zone_id <> unique_keys.grid_zone_id
                        then ', figure of ' || zone_figures.figure_zone_id
                    else ''
                end
                || coalesce(', ' || intensities.estimation_method, '')
    end as intensity_source
from unique_keys
left join zone_figures on unique_keys.grid_zone_id = zone_figures.grid_zone_id
left join intensities on zone_figures.figure_zone_id = intensities.grid_zone_id
left join sources on intensities.source_id = sources.source_id
