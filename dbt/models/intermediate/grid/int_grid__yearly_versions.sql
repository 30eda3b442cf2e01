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

-- What is fetched live says more than a package of the same data, and comes in versions. Our World
-- in Data carries Ember's figures.
live_years as (
    select
        *,
        extract('year' from period_start_date) as year,
        'Ember' as original_source,
        null as estimation_method,
        1 as preference
    from {{ ref('stg_ember__carbon_intensity') }}
    where period_kind = 'year'

    union all by name

    select
        *,
        'Ember' as original_source,
        null as estimation_method,
        3 as preference
    from {{ ref('stg_owid__energy') }}

    union all by name

    select
        *,
        'eGRID' as original_source,
        case when is_co2_only then 'carbon dioxide only' end as estimation_method,
        2 as preference
    from {{ ref('stg_egrid__rates') }}
),

all_figures as (
    select
        grid_zone_id,
        year as intensity_year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh,
        estimation_method,
        original_source,
        preference,
        source_id,
        fetched_at,
        recorded_at
    from live_years

    union all by name

    select
        grid_zone_id,
        year as intensity_year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh,
        null as estimation_method,
        'Ember' as original_source,
        1 as preference,
        source_id,
        recorded_at
    from ember_areas

    union all by name

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

    union all by name

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

    union all by name

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
    grid_zone_id,
    cast(intensity_year as integer) as intensity_year,
    make_timestamp(intensity_year, 1, 1, 0, 0, 0) as interval_start_at,
    cast(
        date_diff(
            'minute',
            make_timestamp(intensity_year, 1, 1, 0, 0, 0),
            make_timestamp(intensity_year + 1, 1, 1, 0, 0, 0)
        ) as integer
    ) as interval_minutes,
    intensity_basis,
    emission_factor_scope,
    flow_basis,

    cast(estimation_method as varchar) as estimation_method,
    original_source,
    preference,

    carbon_intensity_gco2e_per_kwh,

    source_id,
    fetched_at,
    recorded_at
from all_figures
where grid_zone_id is not null and carbon_intensity_gco2e_per_kwh is not null
