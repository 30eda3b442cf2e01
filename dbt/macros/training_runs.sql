{#
    What stated training runs are resolved to, by their spellings: a list of common table expressions;
    the last is `resolved_runs`. `more` names columns of the runs that are handed through.
#}
{% macro resolved_training_runs(runs='runs', more=[]) %}
models as (
    select * from {{ ref('dim_models') }}
),

model_aliases as (
    select * from {{ ref('dim_model_aliases') }}
),

hardware as (
    select * from {{ ref('dim_hardware') }}
),

hardware_aliases as (
    select * from {{ ref('dim_hardware_aliases') }}
),

regions as (
    select * from {{ ref('dim_region_intensity') }}
),

resolved_runs as (
    select
        runs.training_run_id,
        -- Accounts of one run: at two boundaries, by two methods, or of its first tokens.
        regexp_replace(
            runs.training_run_id,
            '^(published:[^:]+):(gpu|total|card|with-idle|llama-paper|280b-tokens|600b-tokens)$',
            '\1'
        ) as activity_id,
        models.model_id,
        hardware.hardware_id,
        regions.grid_zone_id,

        runs.model_name,
        models.model_family,
        runs.training_stage,
        runs.label_kind,
        runs.boundary,
        runs.hardware,
        runs.region,
        runs.accounting_method,
        cast(runs.started_at as timestamp) as started_at,
        coalesce(cast(runs.release_date as date), models.release_date) as release_date,

        coalesce(cast(runs.parameters_total as double), models.parameters_total) as parameters_total,
        coalesce(cast(runs.parameters_active as double), models.parameters_active)
            as parameters_active,
        cast(runs.tokens as double) as tokens,
        cast(runs.epochs as double) as epochs,
        cast(runs.dataset_size as double) as dataset_size,
        runs.dataset_size_unit,
        cast(runs.batch_size as double) as batch_size,
        runs.batch_size_unit,
        coalesce(
            runs.training_compute_flop,
            {{ function('training_compute_dense_flop') }}(
                parameters_active := coalesce(runs.parameters_active, models.parameters_active),
                tokens := runs.tokens
            )
        ) as training_compute_flop,

        cast(runs.hardware_count as double) as hardware_count,
        coalesce(runs.duration_h, runs.device_hours / nullif(runs.hardware_count, 0)) as duration_h,
        coalesce(runs.device_hours, runs.duration_h * runs.hardware_count) as device_hours,
        runs.average_power_w,
        runs.utilization_ratio,
        runs.pue_ratio,
        hardware.tdp_w,
        coalesce(
            hardware.peak_bf16_flop_per_s,
            hardware.peak_fp16_flop_per_s,
            hardware.peak_tf32_flop_per_s,
            hardware.peak_fp32_flop_per_s
        ) as peak_flop_per_s,
        hardware.embodied_kgco2e,

        runs.energy_kwh,
        runs.is_estimated,
        runs.estimation_method,
        runs.carbon_intensity_gco2e_per_kwh as reported_carbon_intensity_gco2e_per_kwh,
        runs.reported_emissions_kgco2e,
        runs.is_suspect as is_suspect_by_source,
        runs.suspect_reason as suspect_reason_by_source,

        runs.citation,
        runs.source_id,
        runs.source_url
        {%- for column in more %},
            runs.{{ column }}
        {%- endfor %}

    from {{ runs }} as runs
    left join model_aliases
        on {{ function('normalize_name') }}(name := runs.model_name) = model_aliases.model_alias
    left join models on coalesce(runs.model_id, model_aliases.model_id) = models.model_id
    left join hardware_aliases
        on {{ function('normalize_name') }}(name := runs.hardware) = hardware_aliases.hardware_alias
    left join hardware
        on coalesce(runs.hardware_id, hardware_aliases.hardware_id) = hardware.hardware_id
    left join regions
        on {{ function('normalize_region') }}(region := runs.region) = regions.region_key
)
{% endmacro %}

{#
    A run contradicts itself where its figures cannot all be true. The bounds are wide, because TDP is
    no measurement: accelerators at more than 1.5 times their TDP, or a whole facility at more than
    4 times the TDP of its accelerators, or anything below a hundredth of it (2026-11-22).
    A list of common table expressions; the last is `checked`.
#}
{% macro checked_training_runs(runs='runs') %}
{% set min_over_tdp = 0.01 %}

derived as (
    select
        *,
        {{ function('implied_utilization_ratio') }}(
            training_compute_flop := training_compute_flop,
            device_hours := device_hours,
            peak_flop_per_s := peak_flop_per_s
        ) as implied_utilization_ratio,
        energy_kwh / nullif({{ function('training_energy_device_hours_kwh') }}(
            device_hours := device_hours,
            tdp_w := tdp_w
        ), 0) as energy_over_tdp_ratio,
        {{ function('energy_kwh_per_billion_parameters') }}(
            energy_kwh := energy_kwh,
            parameters_total := parameters_total
        ) as energy_kwh_per_billion_parameters
    from {{ runs }}
),

checked as (
    select
        *,
        list_filter(
            [
                suspect_reason_by_source,
                case
                    when implied_utilization_ratio > 1
                        then 'More computation than the hardware can do in the stated hours.'
                end,
                case
                    when
                        energy_over_tdp_ratio > {{ most_over_tdp('boundary') }}
                        then 'More energy than the hardware can draw in the stated hours.'
                    when energy_over_tdp_ratio < {{ min_over_tdp }}
                        then 'Less than a hundredth of what the hardware draws in the stated hours.'
                end,
            ],
            lambda reason: reason is not null
        ) as suspect_reasons
    from derived
)
{% endmacro %}
