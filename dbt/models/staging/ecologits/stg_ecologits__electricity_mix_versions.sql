-- Of two releases that one run read, the later one stands.
with

mixes as (
    select * from {{ source('ecologits', 'ecologits_electricity_mixes') }}
    qualify row_number() over (
        partition by name, recorded_at
        order by fetched_at desc, landed_sha256 desc
    ) = 1
),

countries as (
    select * from {{ ref('countries') }}
),

placed as (
    select
        case when mixes.name = 'WOR' then 'WORLD' else countries.country_iso2 end as grid_zone_id,

        mixes.name as iso3,
        'lifecycle' as emission_factor_scope,
        'production' as flow_basis,
        'average' as intensity_basis,
        coalesce(mixes.warnings, '') like '%electricity-mix-wue-world%' as is_wue_world_average,
        coalesce(mixes.warnings, '') like '%electricity-mix-pe-world%'
            as is_primary_energy_world_average,
        coalesce(mixes.warnings, '') like '%electricity-mix-adpe-world%'
            as is_abiotic_depletion_world_average,

        mixes.gwp * 1e3 as carbon_intensity_gco2e_per_kwh,
        mixes.wue as wue_source_l_per_kwh,
        mixes.pe as primary_energy_mj_per_kwh,
        mixes.adpe as abiotic_depletion_kgsbe_per_kwh,

        mixes.source_id,
        mixes.landed_sha256,
        mixes.recorded_at
    from mixes
    left join countries on mixes.name = countries.country_iso3
)

select * from placed
