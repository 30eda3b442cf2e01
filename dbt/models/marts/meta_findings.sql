-- What is wrong with the data, in one list: a number that was flagged and not used, a run that
-- contradicts itself, a name that could not be resolved.
with

hours as (
    select * from {{ ref('int_grid__hourly_mix') }}
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
        end as detail,
        any_value(source_id) as source_id
    from hours
    where quality_flag is not null
    group by all
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
    where model_id is null
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
    select * from suspect_runs
    union all by name
    select * from unresolved_names
    union all by name
    select * from missing_power
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
