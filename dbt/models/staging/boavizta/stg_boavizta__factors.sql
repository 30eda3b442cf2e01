with

factors as (
    select * from {{ source('boavizta', 'boavizta_factors') }}
    qualify row_number() over (
        partition by component, part, phase, criterion, factor_name
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        concat_ws('.', component, part, phase, criterion, factor_name) as impact_factor_id,

        component,
        part,
        phase,
        criterion,
        factor_name,
        case criterion
            when 'gwp' then 'kgCO2e'
            when 'pe' then 'MJ'
            when 'adp' then 'kgSbe'
        end as impact_unit,
        case
            when component = 'gpu' and part in ('gpu', 'vram') then 'mm2'
            when component = 'gpu' and part = 'pwb' then 'cm2'
            when component = 'gpu' and part like 'transport_%' then 'kg km'
            when component in ('gpu', 'power_supply') then 'kg'
            when component = 'cpu' and factor_name = 'die_impact' then 'mm2'
            when component in ('ram', 'ssd') and factor_name = 'die_impact' then 'cm2'
            else 'piece'
        end as quantity_unit,

        impact as impact_per_quantity,

        source as source_url,
        source_id,
        landed_sha256,
        recorded_at
    from factors
)

select * from renamed
