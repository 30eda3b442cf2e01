with

intensities as (
    select * from {{ source('ember', 'ember_carbon_intensity') }}
),

countries as (
    select * from {{ ref('countries') }}
),

placed as (
    select
        case
            when intensities.entity = 'World' then 'WORLD'
            else countries.country_iso2
        end as grid_zone_id,
        intensities.period_start_date,
        intensities.period_kind,

        intensities.entity as area_name,
        intensities.entity_code as iso3,
        'lifecycle' as emission_factor_scope,
        'production' as flow_basis,
        'average' as intensity_basis,

        intensities.emissions_intensity_gco2_per_kwh as carbon_intensity_gco2e_per_kwh,

        intensities.source_id,
        intensities.landing_id,
        intensities.fetched_at,
        intensities.recorded_at
    from intensities
    left join countries on intensities.entity_code = countries.country_iso3
)

select * from placed
