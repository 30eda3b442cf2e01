with

intensities as (
    select * from {{ source('codecarbon', 'codecarbon_regional_intensities') }}
    qualify row_number() over (
        partition by region_set, region_code, year
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

-- Each file has its own basis. eGRID's total output rate counts what leaves the stack; China's
-- official factor counts CO2 alone, and electricity that crosses a province's border.
placed as (
    select
        case
            when region_set = 'usa' and lower(region_code) = 'usa' then 'US'
            when region_set = 'usa' then 'US-' || region_code
            when region_set = 'nordic' and region_code <> 'FI'
                then left(region_code, 2) || '-' || region_code
            else region_code
        end as grid_zone_id,
        year,

        region_name as area_name,
        case
            when region_set = 'nordic' then 'lifecycle' else 'direct'
        end as emission_factor_scope,
        case
            when region_set = 'china' then 'consumption' else 'production'
        end as flow_basis,
        'average' as intensity_basis,
        region_set = 'china' as is_co2_only,

        case
            when unit = 'lbs/MWh'
                then
                    {{ function('gco2e_per_kwh_from_lb_per_mwh') }}(
                        intensity_lb_per_mwh := emission_factor
                    )
            when unit in ('gCO2/kWh', 'gCO2eq/kWh', 'gCO2.eq/kWh') then emission_factor
        end as carbon_intensity_gco2e_per_kwh,
        try_cast(regexp_extract(coverage, '^([0-9.]+)%', 1) as double)
        / 100 as generation_covered_share,

        note as provider_note,
        source_url,
        source_id,
        landed_sha256,
        recorded_at
    from intensities
)

select * from placed
