with

contracts as (
    select * from {{ source('contracts', 'energy_contracts') }}
),

regions as (
    select * from {{ ref('dim_region_intensity') }}
),

renamed as (
    select
        contracts.contract_id,
        contracts.instrument,
        contracts.region,
        regions.grid_zone_id,
        contracts.project,
        contracts.valid_from,
        contracts.valid_until,

        coalesce(contracts.covered_share, 1) as covered_share,
        contracts.carbon_intensity_gco2e_per_kwh,
        contracts.emission_factor_scope,

        contracts.supplier,
        contracts.certificate_reference,
        contracts.note,
        coalesce(contracts.is_withdrawn, false) as is_withdrawn,
        contracts.source_id,
        contracts.landing_id,
        contracts.fetched_at,
        contracts.recorded_at
    from contracts
    left join regions
        on {{ function('normalize_region') }}(region := contracts.region) = regions.region_key
)

select * from renamed
