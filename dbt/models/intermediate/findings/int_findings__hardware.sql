-- Devices whose figures cannot be theirs, and names that say one variant where another was found.
{#
    (2026-11-22)
    - sources: the same device in two tables, 12 % apart. Makers round and re-rate by up to a tenth
      (an A100 PCIe 80GB is 300 W, the 40GB 250 W: 20 %).
    - memory: 10 % apart; a gigabyte of 1000 or 1024 megabytes is 7 %.
    - class: the lowest and highest rating that such a device has: a GPU from 5 W (boards for
      cameras) to 2000 W (announced racks), a processor to 600 W (500 W are sold), an accelerator up
      to a wafer of 23 kW. Variants of one card differ by 2 at the most (H100: 350 and 700 W): 2.5.
#}
{% set sources_apart = 0.12 %}
{% set memory_apart = 0.1 %}
{% set fits = 0.05 %}
{% set class = {
    'cpu': [0.5, 600], 'gpu': [5, 2000], 'tpu': [20, 1500], 'accelerator': [1, 30000]
} %}
{% set variants_apart = 2.5 %}

with

hardware as (
    select * from {{ ref('dim_hardware') }}
),

variants as (
    select
        *,
        list_transform(variants, lambda variant: variant['form_factor']) as other_form_factors,
        list_transform(variants, lambda variant: variant['memory_gb']) as other_memories_gb,
        list_median(list_transform(variants, lambda variant: variant['tdp_w'])) as others_tdp_w
    from {{ ref('int_findings__hardware_variants') }}
),

aliases as (
    select * from {{ ref('dim_hardware_aliases') }}
),

runs as (
    select
        *,
        {{ form_factor('lower(hardware)') }} as named_form_factor,
        {{ stated_memory_gb('lower(hardware)') }} as named_memory_gb
    from {{ ref('fct_training_runs') }}
    where hardware is not null and hardware_id is not null
),

benchmarks as (
    select * from {{ ref('fct_inference_benchmarks') }}
),

others as (
    select
        hardware_name,
        tdp_w,
        memory_gb,
        source_id
    from {{ ref('stg_epoch__hardware') }}

    union all by name

    select
        hardware_name,
        tdp_w,
        memory_gb,
        source_id
    from {{ ref('stg_mlco2__gpus') }}

    union all by name

    select
        hardware_name,
        memory_gb,
        source_id
    from {{ ref('stg_boavizta__gpus') }}

    union all by name

    select
        cpu_name as hardware_name,
        tdp_w,
        source_id
    from {{ ref('stg_codecarbon__cpu_powers') }}
    where tdp_w > 0
),

beside as (
    select
        others.*,
        hardware.hardware_id,
        hardware.hardware_name as known_name,
        hardware.tdp_w as known_tdp_w,
        hardware.memory_gb as known_memory_gb,
        coalesce(variants.variants, []) as variants
    from others
    inner join aliases
        on {{ function('normalize_name') }}(name := others.hardware_name) = aliases.hardware_alias
    inner join hardware on aliases.hardware_id = hardware.hardware_id
    left join variants on aliases.hardware_id = variants.hardware_id
),

near as (
    select
        *,
        list_filter(
            variants,
            lambda variant: (
                abs(variant['tdp_w'] / tdp_w - 1) < {{ fits }}
                and abs(variant['tdp_w'] / known_tdp_w - 1) > {{ fits }}
            )
        ) as of_that_power,
        list_filter(
            variants,
            lambda variant: (
                abs(variant['memory_gb'] / memory_gb - 1) < {{ fits }}
                and abs(variant['memory_gb'] / known_memory_gb - 1) > {{ fits }}
            )
        ) as of_that_memory
    from beside
),

-- Of several that fit, the one that fits in both.
fitted as (
    select
        *,
        coalesce(
            list_filter(
                of_that_power, lambda variant: variant['memory_gb'] = memory_gb
            )[1]['hardware_name'],
            list_filter(
                of_that_memory, lambda variant: variant['tdp_w'] = tdp_w
            )[1]['hardware_name'],
            of_that_power[1]['hardware_name'],
            of_that_memory[1]['hardware_name']
        ) as variant_that_fits
    from near
),

of_other_sources as (
    select
        case
            when variant_that_fits is not null then 'swapped_variant'
            when abs(tdp_w / known_tdp_w - 1) > {{ sources_apart }} then 'tdp_disagrees'
            else 'memory_disagrees'
        end as finding_kind,
        'dim_hardware' as table_name,
        hardware_id || ' / ' || hardware_name as subject,
        coalesce(abs(tdp_w / known_tdp_w - 1) > {{ sources_apart }}, false) as is_power,
        case when is_power then tdp_w else memory_gb end as observed_value,
        case
            when is_power then known_tdp_w * (1 - {{ sources_apart }})
            else known_memory_gb * (1 - {{ memory_apart }})
        end as expected_lower,
        case
            when is_power then known_tdp_w * (1 + {{ sources_apart }})
            else known_memory_gb * (1 + {{ memory_apart }})
        end as expected_upper,
        case when is_power then 'W' else 'GB' end as unit,
        'This source gives ' || hardware_name
        || case
            when is_power
                then
                    ' ' || format('{:.4g}', tdp_w) || ' W, dim_hardware '
                    || format('{:.4g}', known_tdp_w) || ' W'
            else
                ' ' || format('{:.4g}', memory_gb) || ' GB, dim_hardware '
                || format('{:.4g}', known_memory_gb) || ' GB'
        end
        || coalesce(', as ' || variant_that_fits || ' has', '') || '.' as detail,
        source_id
    from fitted
    where
        abs(tdp_w / known_tdp_w - 1) > {{ sources_apart }}
        or abs(memory_gb / known_memory_gb - 1) > {{ memory_apart }}
    -- A device in two spellings of one source is one finding.
    qualify row_number() over (partition by source_id, hardware_id order by hardware_name) = 1
),

of_class as (
    select
        'tdp_outside_class' as finding_kind,
        'dim_hardware' as table_name,
        hardware.hardware_id as subject,
        hardware.tdp_w as observed_value,
        case hardware.hardware_kind
            {% for kind, bounds in class.items() %}
                when '{{ kind }}' then {{ bounds[0] }}
            {% endfor %}
        end as class_lower,
        case hardware.hardware_kind
            {% for kind, bounds in class.items() %}
                when '{{ kind }}' then {{ bounds[1] }}
            {% endfor %}
        end as class_upper,
        variants.others_tdp_w as variants_tdp_w,
        greatest(class_lower, coalesce(variants_tdp_w / {{ variants_apart }}, class_lower))
            as expected_lower,
        least(class_upper, coalesce(variants_tdp_w * {{ variants_apart }}, class_upper))
            as expected_upper,
        'W' as unit,
        'Its thermal design power lies far from its class'
        || case when variants_tdp_w is not null then ' and the variants of the card' else '' end
        || '.' as detail,
        hardware.source_id
    from hardware
    left join variants on hardware.hardware_id = variants.hardware_id
),

spellings as (
    select
        hardware_alias,
        hardware_id,
        {{ form_factor('hardware_alias') }} as named_form_factor,
        cast(null as double) as named_memory_gb
    from aliases
),

-- The name that a row gives against the device that it was taken for.
names as (
    select
        'fct_training_runs' as table_name,
        training_run_id as subject,
        hardware as hardware_text,
        hardware_id,
        named_form_factor,
        named_memory_gb,
        source_id
    from runs

    union all

    select
        'fct_inference_benchmarks' as table_name,
        inference_benchmark_id as subject,
        gpu as hardware_text,
        hardware_id,
        {{ form_factor('lower(gpu)') }} as named_form_factor,
        {{ stated_memory_gb('lower(gpu)') }} as named_memory_gb,
        source_id
    from benchmarks
    where hardware_id is not null and gpu is not null

    union all

    select
        'dim_hardware_aliases' as table_name,
        spellings.hardware_alias as subject,
        spellings.hardware_alias as hardware_text,
        spellings.hardware_id,
        spellings.named_form_factor,
        spellings.named_memory_gb,
        hardware.source_id
    from spellings
    inner join hardware on spellings.hardware_id = hardware.hardware_id
),

of_names as (
    select
        'swapped_variant' as finding_kind,
        names.table_name,
        names.subject,
        names.named_memory_gb as observed_value,
        case when names.named_memory_gb is not null then variants.memory_gb end as expected_lower,
        case when names.named_memory_gb is not null then variants.memory_gb end as expected_upper,
        case when names.named_memory_gb is not null then 'GB' end as unit,
        'The name says ' || names.hardware_text || ', it was taken for ' || variants.hardware_name
        || '.' as detail,
        names.source_id
    from names
    inner join variants on names.hardware_id = variants.hardware_id
    where
        (
            names.named_form_factor <> variants.form_factor
            and list_contains(variants.other_form_factors, names.named_form_factor)
        )
        or (
            abs(names.named_memory_gb / variants.memory_gb - 1) > {{ memory_apart }}
            and list_contains(variants.other_memories_gb, names.named_memory_gb)
        )
),

of_benchmarks as (
    select
        'contradictory_power' as finding_kind,
        inference_benchmark_id as subject,
        power_w / throughput_units_per_s as observed_value,
        energy_j_per_unit * 0.99 as expected_lower,
        energy_j_per_unit * 1.01 as expected_upper,
        'J' as unit,
        'Power over throughput is not the energy of a unit (more than 1 % apart).' as detail,
        source_id
    from benchmarks
    where abs(power_w / throughput_units_per_s / energy_j_per_unit - 1) > 0.01

    union all by name

    select
        'implausible_power' as finding_kind,
        inference_benchmark_id as subject,
        power_utilization_ratio as observed_value,
        0 as expected_lower,
        1.1 as expected_upper,
        '1' as unit,
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
        'Its thermal design power is not known, so methods that need it say nothing.' as detail,
        source_id
    from hardware
    where tdp_w is null
),

-- What the energy of a run gave away already is not said again by its name.
found_by_energy as (
    select subject from {{ ref('int_findings__energy') }}
    where finding_kind = 'swapped_variant'
)

select
    * exclude (is_power),
    1 as finding_count
from of_other_sources

union all by name

select
    * exclude (class_lower, class_upper, variants_tdp_w),
    1 as finding_count
from of_class
where not observed_value between expected_lower and expected_upper

union all by name

select
    *,
    1 as finding_count
from of_names
where
    table_name <> 'fct_training_runs'
    or subject not in (select found_by_energy.subject from found_by_energy)

union all by name

select
    *,
    'fct_inference_benchmarks' as table_name,
    1 as finding_count
from of_benchmarks

union all by name

select
    *,
    1 as finding_count
from missing_power
