with

mixes as (
    select * from {{ source('codecarbon', 'codecarbon_regional_mixes') }}
    qualify row_number() over (
        partition by region_name, fuel, year
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

grid_zones as (
    select * from {{ ref('grid_zones') }}
    where country_iso2 = 'CA'
),

mapped as (
    select
        grid_zones.grid_zone_id,
        mixes.year,

        mixes.region_name as area_name,
        case mixes.fuel
            when 'naturalGas' then 'gas'
            when 'petroleum' then 'oil'
            when 'tidal' then 'marine'
            when 'wind' then 'wind_onshore'
            when 'biomass' then 'biomass'
            when 'coal' then 'coal'
            when 'hydro' then 'hydro'
            when 'nuclear' then 'nuclear'
            when 'other' then 'other'
            when 'solar' then 'solar'
        end as fuel,
        mixes.fuel as provider_fuel,

        mixes.share_pct / 100 as generation_share,
        mixes.total_pct / 100 as generation_share_total,

        mixes.source_id,
        mixes.landed_sha256,
        mixes.recorded_at
    from mixes
    left join grid_zones on mixes.region_name = grid_zones.provider_key
)

select * from mapped
