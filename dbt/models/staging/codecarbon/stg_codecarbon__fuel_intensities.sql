with

intensities as (
    select * from {{ source('codecarbon', 'codecarbon_fuel_intensities') }}
    qualify row_number() over (
        partition by fuel
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        fuel as provider_fuel,

        case
            when unit in ('gCO2.eq/kWh', 'gCO2eq/kWh') then emission_factor
        end as carbon_intensity_gco2e_per_kwh,

        source_name as provider_source,
        source_id,
        landed_sha256,
        recorded_at
    from intensities
)

select * from renamed
