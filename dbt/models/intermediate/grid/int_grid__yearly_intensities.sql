with

ember_areas as (
    select * from {{ ref('stg_leadgreen__yearly_intensity') }}
),

country_mixes as (
    select * from {{ ref('stg_codecarbon__country_mixes') }}
),

regions as (
    select * from {{ ref('stg_codecarbon__regional_intensities') }}
),

-- Canada's provinces come as shares of generation, so their intensity follows from the fuels.
province_shares as (
    select
        shares.*,
        factors.gco2e_per_kwh
    from {{ ref('stg_codecarbon__regional_fuel_shares') }} as shares
    left join {{ ref('emission_factors') }} as factors
        on shares.fuel = factors.fuel and factors.emission_factor_scope = 'lifecycle'
    where shares.grid_zone_id is not null
),

provinces as (
    select
        grid_zone_id,
        year,
        {{ function('intensity_from_mix_gco2e_per_kwh') }}(
            generation_mwh := generation_share,
            emission_factor_gco2e_per_kwh := gco2e_per_kwh
        ) as carbon_intensity_gco2e_per_kwh,
        any_value(source_id) as source_id,
        max(recorded_at) as recorded_at
    from province_shares
    group by all
),

all_figures as (
    select
        grid_zone_id,
        year as intensity_year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh,
        null as estimation_method,
        1 as preference,
        source_id,
        recorded_at
    from ember_areas

    union all

    select
        grid_zone_id,
        year as intensity_year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh,
        null as estimation_method,
        3 as preference,
        source_id,
        recorded_at
    from country_mixes

    union all

    select
        grid_zone_id,
        year as intensity_year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh,
        case when is_co2_only then 'carbon dioxide only' end as estimation_method,
        2 as preference,
        source_id,
        recorded_at
    from regions

    union all

    select
        grid_zone_id,
        year as intensity_year,
        'average' as intensity_basis,
        'lifecycle' as emission_factor_scope,
        'production' as flow_basis,
        carbon_intensity_gco2e_per_kwh,
        'from the year''s fuel shares' as estimation_method,
        2 as preference,
        source_id,
        recorded_at
    from provinces
)

select
    *,
    make_timestamp(intensity_year, 1, 1, 0, 0, 0) as interval_start_at,
    cast(
        date_diff('minute', make_date(intensity_year, 1, 1), make_date(intensity_year + 1, 1, 1))
        as integer
    ) as interval_minutes
from all_figures
where grid_zone_id is not null and carbon_intensity_gco2e_per_kwh is not null
