{{ config(materialized='table') }}

-- What others report: training runs of publications, tables and model cards, and benchmarks, in all
-- their versions, with names resolved by the tables of today.
with

stated as (
    select * from {{ ref('int_training_runs__stated_versions') }}
),

declared as (
    select * from {{ ref('int_training_runs__hub_versions') }}
),

runs as (
    select * from stated
    union all by name
    select * from declared
),

{{ checked_training_runs('runs') }},

training_runs as (
    select
        'training_run' as subject_kind,
        training_run_id as subject_id,
        coalesce(activity_id, training_run_id) as activity_id,
        recorded_at,
        is_withdrawn,
        model_id,
        model_name,
        hardware_id,
        hardware_count,
        device_hours,
        duration_h,
        started_at,
        grid_zone_id,
        region,
        'run' as functional_unit,
        label_kind,
        boundary,
        energy_kwh,
        is_estimated as is_energy_estimated,
        estimation_method as energy_method,
        pue_ratio,
        reported_carbon_intensity_gco2e_per_kwh as stated_gco2e_per_kwh,
        accounting_method as stated_accounting_method,
        reported_emissions_kgco2e,
        release_date,
        coalesce(is_suspect_by_source, false) or len(suspect_reasons) > 0 as is_suspect,
        source_id,
        source_url
    from checked
),

configurations as (
    select
        *,
        case when functional_unit = 'output_token' then 1000 else 1 end as units
    from {{ ref('int_inference__configuration_versions') }}
),

benchmarks as (
    select * from {{ ref('fct_inference_benchmarks') }}
),

-- A thousand output tokens of a benchmarked server, or one image or video: joules a unit, and the
-- time that its accelerators take for it at the measured throughput.
benchmark_versions as (
    select
        'inference_benchmark' as subject_kind,
        configurations.inference_benchmark_id as subject_id,
        configurations.inference_benchmark_id as activity_id,
        configurations.recorded_at,
        false as is_withdrawn,
        benchmarks.model_id,
        benchmarks.model_name,
        benchmarks.hardware_id,
        configurations.gpu_count as hardware_count,
        configurations.gpu_count
        * configurations.units
        / nullif(configurations.throughput_units_per_s, 0)
        / 3600 as device_hours,
        benchmarks.region,
        case configurations.functional_unit
            when 'output_token' then '1000_output_tokens'
            else configurations.functional_unit
        end as functional_unit,
        benchmarks.label_kind,
        benchmarks.boundary,
        {{ function('kwh_from_joule') }}(
            energy_j := configurations.energy_j_per_unit * configurations.units
        ) as energy_kwh,
        false as is_energy_estimated,
        benchmarks.pue_ratio,
        benchmarks.release_date,
        false as is_suspect,
        benchmarks.source_id,
        benchmarks.source_url
    from configurations
    inner join benchmarks
        on configurations.inference_benchmark_id = benchmarks.inference_benchmark_id
),

subjects as (
    select * from training_runs
    union all by name
    select * from benchmark_versions
),

-- A region's name that two providers use is known only with its provider.
cloud_regions as (
    select
        cloud_provider,
        cloud_region,
        {{ function('normalize_region') }}(region := cloud_provider || ':' || cloud_region)
            as region_key
    from {{ ref('dim_cloud_regions') }}

    union all

    select
        any_value(cloud_provider) as cloud_provider,
        cloud_region,
        {{ function('normalize_region') }}(region := cloud_region) as region_key
    from {{ ref('dim_cloud_regions') }}
    group by cloud_region
    having count(*) = 1
)

select
    subjects.subject_kind,
    subjects.subject_id,
    subjects.activity_id,
    subjects.recorded_at,
    subjects.is_withdrawn,
    false as is_own,
    cast(null as varchar) as project,
    cast(null as varchar) as ownership,
    subjects.model_id,
    subjects.model_name,
    subjects.hardware_id,
    cast(subjects.hardware_count as double) as hardware_count,
    subjects.device_hours,
    subjects.duration_h,
    subjects.started_at,
    subjects.started_at + to_seconds(subjects.duration_h * 3600) as ended_at,
    subjects.grid_zone_id,
    subjects.region,
    cloud_regions.cloud_provider,
    cloud_regions.cloud_region,
    subjects.functional_unit,
    cast(1 as double) as unit_count,
    subjects.label_kind,
    subjects.boundary,
    subjects.energy_kwh,
    cast(null as double) as energy_lower_kwh,
    cast(null as double) as energy_upper_kwh,
    subjects.is_energy_estimated,
    cast(subjects.energy_method as varchar) as energy_method,
    subjects.pue_ratio,
    subjects.stated_gco2e_per_kwh,
    subjects.stated_accounting_method,
    subjects.reported_emissions_kgco2e,
    subjects.release_date,
    subjects.is_suspect,
    subjects.source_id,
    subjects.source_url
from subjects
left join cloud_regions
    on {{ function('normalize_region') }}(region := subjects.region) = cloud_regions.region_key
