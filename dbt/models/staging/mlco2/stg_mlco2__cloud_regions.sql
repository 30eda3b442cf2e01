-- The country is in words: our names of countries and their other spellings, no other.
with

regions as (
    select
        *,
        {{ function('normalize_region') }}(region := country) as country_key
    from {{ source('mlco2', 'mlco2_regions') }}
    qualify row_number() over (
        partition by provider, region, city
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

country_spellings as (
    select
        country_iso2,
        unnest(
            list_concat([country_name, country_iso3], string_split(alternative_names, ';'))
        ) as spelling
    from {{ ref('countries') }}
),

countries as (
    select
        {{ function('normalize_region') }}(region := spelling) as country_key,
        any_value(country_iso2) as country_iso2
    from country_spellings
    where spelling is not null
    group by country_key
    having count(distinct country_iso2) = 1
),

placed as (
    select
        case regions.provider when 'ovh' then 'ovhcloud' else regions.provider end
            as cloud_provider,
        regions.region as cloud_region,
        -- Hong Kong is given as China for two of the providers.
        case when regions.city = 'Hong Kong' then 'HK' else countries.country_iso2 end
            as grid_zone_id,

        concat_ws(', ', trim(regions.city, ', '), regions.state, regions.country) as location,
        regions.provider_name as cloud_provider_name,

        regions.impact as carbon_intensity_gco2e_per_kwh,
        regions.pue_ratio,
        regions.offset_ratio / 100 as offset_share,

        regions.source as source_url,
        regions.source_id,
        regions.landed_sha256,
        regions.recorded_at
    from regions
    left join countries on regions.country_key = countries.country_key
)

select * from placed
