with

intensities as (
    select * from {{ source('leadgreen', 'leadgreen_yearly_intensity') }}
    qualify row_number() over (
        partition by iso3, year
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

countries as (
    select * from {{ ref('countries') }}
),

placed as (
    select
        case
            when intensities.area_type = 'world' then 'WORLD'
            else coalesce(intensities.iso2, countries.country_iso2)
        end as grid_zone_id,
        intensities.year,

        intensities.display_name as area_name,
        intensities.iso3,
        'lifecycle' as emission_factor_scope,
        'production' as flow_basis,
        'average' as intensity_basis,

        intensities.g_co2e_per_kwh as carbon_intensity_gco2e_per_kwh,

        intensities.source_url,
        intensities.data_version as dataset_version_date,
        intensities.source_id,
        intensities.landed_sha256,
        intensities.recorded_at
    from intensities
    left join countries on intensities.iso3 = countries.country_iso3
)

select * from placed
