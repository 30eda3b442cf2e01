{#
    A run contradicts itself where its figures cannot all be true. The bounds are wide, because TDP is
    no measurement: accelerators at more than 1.5 times their TDP, or a whole facility at more than
    4 times the TDP of its accelerators, or anything below a hundredth of it (2026-11-22).
#}
{% set max_over_tdp = {'accelerator': 1.5, 'it': 3, 'facility': 4} %}
{% set min_over_tdp = 0.01 %}

with

runs as (
    select * from {{ ref('int_training_runs__resolved') }}
),

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
    from runs
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
                        energy_over_tdp_ratio > case boundary
                            {% for boundary, bound in max_over_tdp.items() %}
                                when '{{ boundary }}' then {{ bound }}
                            {% endfor %}
                            else {{ max_over_tdp['facility'] }}
                        end
                        then 'More energy than the hardware can draw in the stated hours.'
                    when energy_over_tdp_ratio < {{ min_over_tdp }}
                        then 'Less than a hundredth of what the hardware draws in the stated hours.'
                end,
            ],
            lambda reason: reason is not null
        ) as suspect_reasons
    from derived
)

select
    training_run_id,
    model_id,
    hardware_id,
    grid_zone_id,

    model_name,
    model_family,
    training_stage,
    label_kind,
    boundary,
    hardware,
    region,
    accounting_method,
    started_at,
    release_date,

    parameters_total,
    parameters_active,
    tokens,
    epochs,
    dataset_size,
    dataset_size_unit,
    batch_size,
    batch_size_unit,
    training_compute_flop,
    hardware_count,
    duration_h,
    device_hours,
    average_power_w,
    utilization_ratio,
    pue_ratio,

    energy_kwh,
    is_estimated,
    estimation_method,
    reported_carbon_intensity_gco2e_per_kwh,
    reported_emissions_kgco2e,

    implied_utilization_ratio,
    energy_over_tdp_ratio,
    energy_kwh / nullif(device_hours, 0) as energy_kwh_per_device_hour,
    energy_kwh / nullif(duration_h, 0) as energy_kwh_per_training_hour,
    energy_kwh_per_billion_parameters,
    {{ function('joule_from_kwh') }}(energy_kwh := energy_kwh) / nullif(tokens, 0)
        as energy_j_per_training_token,

    coalesce(label_kind in ('wall_metered', 'counter', 'vendor_disclosed'), false) as is_truth,
    coalesce(is_suspect_by_source, false) or len(suspect_reasons) > 0 as is_suspect,
    nullif(array_to_string(suspect_reasons, ' '), '') as suspect_reason,
    label_flags,
    region_in_text,
    emissions_in_text_kgco2e,

    citation,
    source_id,
    source_url
from checked
