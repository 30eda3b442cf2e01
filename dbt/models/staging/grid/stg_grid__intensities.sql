with

intensities as (
    select * from {{ source('grid', 'grid_intensities') }}
),

zones as (
    select * from {{ ref('stg_grid__zones') }}
),

placed as (
    select
        zones.grid_zone_id,
        intensities.interval_start_at,
        intensities.interval_minutes,
        intensities.intensity_basis,
        intensities.emission_factor_scope,
        intensities.flow_basis,
        intensities.signal_model,

        intensities.provider_zone,
        intensities.is_estimated,
        intensities.estimation_method,

        intensities.carbon_intensity_gco2e_per_kwh,

        intensities.provider_updated_at,
        intensities.source_id,
        intensities.landing_id,
        intensities.fetched_at,
        intensities.recorded_at
    from intensities
    left join zones
        on
            intensities.source_id = zones.source_id
            and intensities.provider_zone = zones.provider_zone
)

select * from placed
