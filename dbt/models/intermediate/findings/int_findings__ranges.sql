-- Ratios that cannot be: utilisation above one, a building that uses less than its machines.
{#
    (2026-11-22) PUE is facility over IT energy, so never below 1 (ISO/IEC 30134-2); the mean of
    surveyed data centres is about 1.6, so that above 3 an exception or a slip is looked at.
#}
{% set highest_pue = 3 %}

with

runs as (
    select * from {{ ref('fct_training_runs') }}
),

benchmarks as (
    select * from {{ ref('fct_inference_benchmarks') }}
),

region_years as (
    select * from {{ ref('fct_cloud_region_years') }}
),

overheads as (
    select
        'fct_training_runs' as table_name,
        training_run_id as subject,
        pue_ratio,
        source_id
    from runs

    union all

    select
        'fct_inference_benchmarks' as table_name,
        inference_benchmark_id as subject,
        pue_ratio,
        source_id
    from benchmarks

    union all

    select
        'fct_cloud_region_years' as table_name,
        region_year_id as subject,
        pue_ratio,
        source_id
    from region_years
),

of_overheads as (
    select
        case when pue_ratio < 1 then 'pue_below_one' else 'pue_above_three' end as finding_kind,
        table_name,
        subject,
        pue_ratio as observed_value,
        1 as expected_lower,
        {{ highest_pue }} as expected_upper,
        '1' as unit,
        case
            when pue_ratio < 1
                then 'A building cannot use less than the machines in it.'
            else 'More than twice the energy of the machines goes to the building.'
        end as detail,
        source_id
    from overheads
    where pue_ratio < 1 or pue_ratio > {{ highest_pue }}
),

of_utilization as (
    select
        'utilization_outside_bounds' as finding_kind,
        'fct_training_runs' as table_name,
        training_run_id as subject,
        utilization_ratio as observed_value,
        0 as expected_lower,
        1 as expected_upper,
        '1' as unit,
        case
            when utilization_ratio > 1 then 'Utilisation above one; a percentage, if above ten.'
            else 'Utilisation below zero.'
        end as detail,
        source_id
    from runs
    where utilization_ratio not between 0 and 1
),

of_compute as (
    select
        'compute_above_peak' as finding_kind,
        'fct_training_runs' as table_name,
        training_run_id as subject,
        implied_utilization_ratio as observed_value,
        0 as expected_lower,
        1 as expected_upper,
        '1' as unit,
        'More computation than the hardware can do in the stated hours.' as detail,
        source_id
    from runs
    where implied_utilization_ratio > 1 and coalesce(utilization_ratio, 0) <= 1
),

of_benchmarks as (
    select
        'negative_energy' as finding_kind,
        'fct_inference_benchmarks' as table_name,
        inference_benchmark_id as subject,
        energy_j_per_unit as observed_value,
        0 as expected_lower,
        'J' as unit,
        'Energy that is not above zero.' as detail,
        source_id
    from benchmarks
    where energy_j_per_unit <= 0
),

found as (
    select * from of_overheads
    union all by name
    select * from of_utilization
    union all by name
    select * from of_compute
    union all by name
    select * from of_benchmarks
)

select
    *,
    1 as finding_count
from found
