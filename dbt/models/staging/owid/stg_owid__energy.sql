with

energy as (
    select * from {{ source('owid', 'owid_energy') }}
),

countries as (
    select * from {{ ref('countries') }}
),

placed as (
    select
        case
            when energy.country = 'World' then 'WORLD'
            else countries.country_iso2
        end as grid_zone_id,
        energy.year,

        energy.country as area_name,
        energy.iso_code as iso3,
        'lifecycle' as emission_factor_scope,
        'production' as flow_basis,
        'average' as intensity_basis,

        energy.carbon_intensity_elec_gco2e_per_kwh as carbon_intensity_gco2e_per_kwh,
        energy.electricity_generation_twh as generation_total_twh,
        energy.electricity_demand_twh as demand_twh,
        energy.low_carbon_share_elec_pct / 100 as low_carbon_share,
        energy.renewables_share_elec_pct / 100 as renewable_share,

        energy.source_id,
        energy.landing_id,
        energy.fetched_at,
        energy.recorded_at
    from energy
    left join countries on energy.iso_code = countries.country_iso3
)

select * from placed
