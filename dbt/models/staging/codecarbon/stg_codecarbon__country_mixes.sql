with

mixes as (
    select * from {{ source('codecarbon', 'codecarbon_country_mixes') }}
    qualify row_number() over (
        partition by iso_code, year
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

countries as (
    select * from {{ ref('countries') }}
),

placed as (
    select
        countries.country_iso2 as grid_zone_id,
        mixes.year,

        mixes.iso_code as iso3,
        mixes.country_name as area_name,
        'lifecycle' as emission_factor_scope,
        'production' as flow_basis,
        'average' as intensity_basis,

        mixes.carbon_intensity as carbon_intensity_gco2e_per_kwh,
        mixes.total_twh as generation_total_twh,
        mixes.coal_twh as generation_coal_twh,
        mixes.gas_twh as generation_gas_twh,
        mixes.oil_twh as generation_oil_twh,
        mixes.nuclear_twh as generation_nuclear_twh,
        mixes.hydroelectricity_twh as generation_hydro_twh,
        mixes.solar_twh as generation_solar_twh,
        mixes.wind_twh as generation_wind_twh,
        mixes.biofuel_twh as generation_biomass_twh,
        mixes.other_renewable_exc_biofuel_twh as generation_other_renewable_twh,

        mixes.source_id,
        mixes.landed_sha256,
        mixes.recorded_at
    from mixes
    left join countries on mixes.iso_code = countries.country_iso3
)

select * from placed
