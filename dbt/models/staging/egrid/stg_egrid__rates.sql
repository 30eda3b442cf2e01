with

rates as (
    select * from {{ source('egrid', 'egrid_rates') }}
),

zones as (
    select * from {{ ref('grid_zone_keys') }}
    where source_id = 'egrid'
),

placed as (
    select
        zones.grid_zone_id,
        rates.year,
        rates.area_kind,
        rates.area_code,

        rates.area_name,
        'direct' as emission_factor_scope,
        'production' as flow_basis,
        'average' as intensity_basis,
        rates.co2e_lb_per_mwh is null as is_co2_only,

        {{ function('gco2e_per_kwh_from_lb_per_mwh') }}(
            intensity_lb_per_mwh := coalesce(rates.co2e_lb_per_mwh, rates.co2_lb_per_mwh)
        ) as carbon_intensity_gco2e_per_kwh,
        rates.generation_mwh,

        rates.source_id,
        rates.landing_id,
        rates.fetched_at,
        rates.recorded_at
    from rates
    left join zones on rates.area_kind || ':' || rates.area_code = zones.provider_zone
)

select * from placed
