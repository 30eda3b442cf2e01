-- What is wrong with the data, in one list: a number that was flagged and not used, a run that
-- contradicts itself, a name that could not be resolved.
with

hours as (
    select
        grid_zone_id,
        interval_start_at,
        quality_flag,
        source_id
    from {{ ref('int_grid__hourly_mix') }}

    union all

    select
        grid_zone_id,
        interval_start_at,
        quality_flag,
        source_id
    from {{ ref('int_grid__live_mix') }}

    union all

    select
        grid_zone_id,
        interval_start_at,
        quality_flag,
        source_id
    from {{ ref('fct_grid_carbon_intensity') }}
    where quality_flag = 'implausible_intensity'
),

provider_zones as (
    select * from {{ ref('stg_grid__zones') }}
),

production_types as (
    select * from {{ ref('stg_grid__production_types') }}
),

training_runs as (
    select * from {{ ref('fct_training_runs') }}
),

benchmarks as (
    select * from {{ ref('fct_inference_benchmarks') }}
),

hardware as (
    select * from {{ ref('dim_hardware') }}
),

cloud_regions as (
    select * from {{ ref('dim_cloud_regions') }}
),

region_years as (
    select * from {{ ref('fct_cloud_region_years') }}
),

hub_findings as (
    select * from {{ ref('int_training_runs__hub_findings') }}
),

quarantine as (
    select * from {{ source('joulehouse', 'quarantine') }}
),

grid_hours as (
    select
        'grid_' || quality_flag as finding_kind,
        'fct_grid_carbon_intensity' as table_name,
        grid_zone_id as subject,
        count(*) as finding_count,
        min(interval_start_at) as first_at,
        max(interval_start_at) as last_at,
        case quality_flag
            when 'zero_total' then 'Nothing was generated in the whole zone; not used.'
            when 'incomplete_hour' then 'Parts of the hour are missing; not used.'
            when 'negative_generation'
                then 'A fuel draws more than 2 % of the zone''s generation; not used.'
            when 'missing_fuel'
                then 'A fuel with 1 % or more of the month''s generation is missing; not used.'
            when 'implausible_fuel'
                then 'A fuel far above anything else in its year; not used.'
            when 'implausible_total'
                then 'Below a tenth or above five times the month''s median; not used.'
            when 'sudden_drop' then 'Below half of both neighbouring hours; not used.'
            when 'sudden_spike' then 'Above twice both neighbouring hours; not used.'
            when 'unknown_emission_factor' then 'A fuel ran that has no emission factor; not used.'
            when 'implausible_intensity'
                then 'Negative, or above 2000 gCO2e/kWh, more than any fuel emits; not used.'
        end as detail,
        source_id
    from hours
    where quality_flag is not null
    group by all
),

unknown_keys as (
    select
        'unresolved_zone' as finding_kind,
        'raw.grid_*' as table_name,
        provider_zone as subject,
        row_count as finding_count,
        recorded_at as last_at,
        'No such zone in grid_zone_keys: its rows are kept and not used.' as detail,
        source_id
    from provider_zones
    where grid_zone_id is null

    union all

    select
        'unresolved_production_type' as finding_kind,
        'raw.grid_generation' as table_name,
        production_type as subject,
        row_count as finding_count,
        recorded_at as last_at,
        'No such type in production_type_fuels: hours in which it ran are not used.' as detail,
        source_id
    from production_types
    where fuel is null
),

suspect_runs as (
    select
        'suspect_training_run' as finding_kind,
        'fct_training_runs' as table_name,
        training_run_id as subject,
        1 as finding_count,
        suspect_reason as detail,
        source_id
    from training_runs
    where is_suspect
),

unresolved_names as (
    select
        'unresolved_hardware' as finding_kind,
        'fct_training_runs' as table_name,
        hardware as subject,
        count(*) as finding_count,
        'No such hardware in dim_hardware_aliases.' as detail,
        any_value(source_id) as source_id
    from training_runs
    where hardware is not null and hardware_id is null
    group by hardware

    union all

    select
        'unresolved_hardware' as finding_kind,
        'fct_inference_benchmarks' as table_name,
        gpu as subject,
        count(*) as finding_count,
        'No such hardware in dim_hardware_aliases.' as detail,
        any_value(source_id) as source_id
    from benchmarks
    where gpu is not null and hardware_id is null
    group by gpu

    union all

    select
        'unresolved_model' as finding_kind,
        'fct_inference_benchmarks' as table_name,
        model_name as subject,
        count(*) as finding_count,
        'No such model in dim_model_aliases.' as detail,
        any_value(source_id) as source_id
    from benchmarks
    where model_id is null
    group by model_name

    union all

    select
        'unresolved_model' as finding_kind,
        'fct_training_runs' as table_name,
        model_name as subject,
        count(*) as finding_count,
        'No such model in dim_model_aliases.' as detail,
        any_value(source_id) as source_id
    from training_runs
    -- The models of the Hub's cards are thousands: they are counted as one.
    where model_id is null and source_id <> 'huggingface'
    group by model_name

    union all

    select
        'unresolved_region' as finding_kind,
        'fct_training_runs' as table_name,
        region as subject,
        count(*) as finding_count,
        'No such region in dim_region_intensity.' as detail,
        any_value(source_id) as source_id
    from training_runs
    where region is not null and grid_zone_id is null
    group by region

    union all

    select
        'unresolved_region' as finding_kind,
        'fct_cloud_region_years' as table_name,
        region_years.cloud_provider || ':' || region_years.cloud_region as subject,
        count(*) as finding_count,
        'No such region in dim_cloud_regions: no source says which grid zone it draws from.'
            as detail,
        any_value(region_years.source_id) as source_id
    from region_years
    left join cloud_regions
        on
            region_years.cloud_provider = cloud_regions.cloud_provider
            and region_years.cloud_region = cloud_regions.cloud_region
    where cloud_regions.cloud_region is null
    group by subject
),

contradictions as (
    select
        'contradictory_power' as finding_kind,
        'fct_inference_benchmarks' as table_name,
        inference_benchmark_id as subject,
        1 as finding_count,
        'Power over throughput is not the energy of a unit (more than 1 % apart).' as detail,
        source_id
    from benchmarks
    where abs(power_w / throughput_units_per_s / energy_j_per_unit - 1) > 0.01

    union all

    select
        'implausible_power' as finding_kind,
        'fct_inference_benchmarks' as table_name,
        inference_benchmark_id as subject,
        1 as finding_count,
        'Power above 1.1 times the design power of the accelerators.' as detail,
        source_id
    from benchmarks
    where power_utilization_ratio > 1.1
),

missing_power as (
    select
        'unknown_tdp' as finding_kind,
        'dim_hardware' as table_name,
        hardware_id as subject,
        1 as finding_count,
        'Its thermal design power is not known, so methods that need it say nothing.' as detail,
        source_id
    from hardware
    where tdp_w is null
),

refused_rows as (
    select
        'quarantined' as finding_kind,
        'raw.' || table_name as table_name,
        coalesce(column_name, 'row') as subject,
        count(*) as finding_count,
        min(quarantined_at) as first_at,
        max(quarantined_at) as last_at,
        reason as detail,
        source_id
    from quarantine
    group by all
),

findings as (
    select * from grid_hours
    union all by name
    select * from unknown_keys
    union all by name
    select * from suspect_runs
    union all by name
    select * from unresolved_names
    union all by name
    select * from hub_findings
    union all by name
    select * from missing_power
    union all by name
    select * from contradictions
    union all by name
    select * from refused_rows
)

select
    md5(concat_ws('|', finding_kind, table_name, subject, source_id, detail)) as finding_id,
    finding_kind,
    table_name,
    subject,
    finding_count,
    first_at,
    last_at,
    detail,
    source_id
from findings
