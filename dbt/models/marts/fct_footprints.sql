{# Boavizta gives an accelerator three years of life (archetypes/components/gpu.csv). #}
{% set lifetime_h = 26280 %}

with

regions as (
    select * from {{ ref('dim_region_intensity') }}
),

hardware as (
    select * from {{ ref('dim_hardware') }}
),

training_runs as (
    select
        training_run_id as subject_id,
        'training_run' as subject_kind,
        'run' as functional_unit,
        model_id,
        model_name,
        hardware_id,
        label_kind,
        boundary,
        region,
        energy_kwh,
        pue_ratio,
        device_hours,
        case
            when accounting_method = 'location_based'
                then reported_carbon_intensity_gco2e_per_kwh
        end as stated_gco2e_per_kwh,
        reported_emissions_kgco2e,
        is_suspect
    from {{ ref('fct_training_runs') }}
    where energy_kwh is not null or reported_emissions_kgco2e is not null
),

-- A thousand output tokens of a benchmarked server, or one image or video: joules a unit, and the
-- time that its accelerators take for it at the measured throughput.
benchmarks as (
    select
        *,
        case when functional_unit = 'output_token' then 1000 else 1 end as unit_count
    from {{ ref('fct_inference_benchmarks') }}
),

inference_uses as (
    select
        inference_benchmark_id as subject_id,
        'inference_benchmark' as subject_kind,
        case functional_unit
            when 'output_token' then '1000 output tokens'
            else '1 ' || functional_unit
        end as functional_unit,
        model_id,
        model_name,
        hardware_id,
        label_kind,
        boundary,
        region,
        {{ function('kwh_from_joule') }}(energy_j := energy_j_per_unit * unit_count) as energy_kwh,
        pue_ratio,
        gpu_count * unit_count / nullif(throughput_units_per_s, 0) / 3600 as device_hours,
        cast(null as double) as stated_gco2e_per_kwh,
        cast(null as double) as reported_emissions_kgco2e,
        false as is_suspect
    from benchmarks
),

subjects as (
    select * from training_runs
    union all by name
    select * from inference_uses
),

-- The intensity that the source states, else that of the named region, else the world's, which is
-- an assumption and is marked as one.
chosen as (
    select
        subjects.*,
        case
            when subjects.stated_gco2e_per_kwh is not null then 'stated_by_source'
            when own_region.carbon_intensity_gco2e_per_kwh is not null then 'region'
            else 'world_average_assumed'
        end as intensity_choice,
        case
            when subjects.stated_gco2e_per_kwh is not null then null
            when own_region.carbon_intensity_gco2e_per_kwh is not null
                then own_region.region_key
            else 'world'
        end as region_key
    from subjects
    left join regions as own_region
        on {{ function('normalize_region') }}(region := subjects.region) = own_region.region_key
),

-- Where the overhead of the building is not known, the footprint stays within the boundary of the
-- energy figure; a facility's energy has it inside.
with_basis as (
    select
        chosen.*,
        coalesce(chosen.stated_gco2e_per_kwh, regions.carbon_intensity_gco2e_per_kwh)
            as carbon_intensity_gco2e_per_kwh,
        regions.carbon_intensity_lower_gco2e_per_kwh,
        regions.carbon_intensity_upper_gco2e_per_kwh,
        regions.intensity_basis,
        regions.emission_factor_scope,
        regions.flow_basis,
        regions.intensity_year,
        coalesce(regions.intensity_source, 'as stated with the run') as intensity_source,
        coalesce(regions.is_estimated, false)
        or chosen.intensity_choice = 'world_average_assumed' as is_estimated,
        case
            when chosen.boundary <> 'facility' and chosen.pue_ratio is not null
                then chosen.pue_ratio
            else 1
        end as overhead_ratio,
        case when chosen.pue_ratio is not null then 'facility' else chosen.boundary end
            as footprint_boundary,
        {{ function('embodied_share_kgco2e') }}(
            embodied_kgco2e := hardware.embodied_kgco2e,
            device_hours := chosen.device_hours,
            lifetime_h := {{ lifetime_h }}
        ) as emissions_embodied_kgco2e
    from chosen
    left join regions on chosen.region_key = regions.region_key
    left join hardware on chosen.hardware_id = hardware.hardware_id
),

with_emissions as (
    select
        *,
        {{ function('operational_emissions_kgco2e') }}(
            energy_kwh := energy_kwh,
            pue_ratio := overhead_ratio,
            carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh
        ) as emissions_operational_kgco2e,
        {{ function('operational_emissions_kgco2e') }}(
            energy_kwh := energy_kwh,
            pue_ratio := overhead_ratio,
            carbon_intensity_gco2e_per_kwh := carbon_intensity_lower_gco2e_per_kwh
        ) as emissions_operational_lower_kgco2e,
        {{ function('operational_emissions_kgco2e') }}(
            energy_kwh := energy_kwh,
            pue_ratio := overhead_ratio,
            carbon_intensity_gco2e_per_kwh := carbon_intensity_upper_gco2e_per_kwh
        ) as emissions_operational_upper_kgco2e
    from with_basis
)

select
    subject_kind || ':' || subject_id as footprint_id,
    subject_kind,
    subject_id,
    model_id,
    hardware_id,

    model_name,
    functional_unit,
    label_kind,
    boundary,
    footprint_boundary,
    region,
    'location_based' as accounting_method,
    intensity_choice,
    intensity_basis,
    emission_factor_scope,
    flow_basis,
    intensity_year,
    intensity_source,
    is_estimated,
    is_suspect,

    energy_kwh,
    pue_ratio,
    device_hours,
    carbon_intensity_gco2e_per_kwh,
    emissions_operational_kgco2e,
    emissions_operational_lower_kgco2e,
    emissions_operational_upper_kgco2e,
    emissions_embodied_kgco2e,
    emissions_operational_kgco2e + emissions_embodied_kgco2e as emissions_total_kgco2e,
    reported_emissions_kgco2e,
    reported_emissions_kgco2e / nullif(emissions_operational_kgco2e, 0)
        as reported_over_computed_ratio
from with_emissions
