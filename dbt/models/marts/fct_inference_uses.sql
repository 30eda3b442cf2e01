{{
    config(
        materialized='incremental',
        incremental_strategy='replace_rows',
        unique_key=['inference_use_id'],
        on_schema_change='append_new_columns',
        meta={
            'code_of': [
                'stg_measurements__measurements', 'int_measurements__resolved',
                'training_energy_device_hours_kwh', 'ecologits_request_energy_wh',
                'ecologits_server_energy_wh', 'ecologits_latency_s_per_output_token',
                'ecologits_generation_latency_s',
                'ecologits_gpus_required', 'ecologits_energy_wh_per_output_token',
            ],
        },
        pre_hook=['{{ forget_remade_sources() }}', '{{ forget_withdrawn_uses() }}'],
        post_hook=['{{ mark_as_read() }}', '{{ keep_names_of_uses() }}'],
    )
}}

-- depends_on: {{ ref('int_measurements__resolved_names') }}
{# Millions of requests lie here already: read what came since, and what names mean anew. #}
{% set renamed_uses = uses_of_changed_names() %}

with

uses as (
    select * from {{ ref('int_measurements__resolved') }}
    where
        subject_kind = 'inference_use'
        and (
            {{ is_use_not_read() }}
            {% if renamed_uses %}
                or subject_id in ({{ renamed_uses }})
            {% endif %}
        )
),

-- The version in force is the one that was recorded last. Nearly every use has one version: only
-- the others need to be put in order.
revised as (
    select subject_id from uses
    group by subject_id
    having count(*) > 1
),

in_force as (
    select * from uses
    where subject_id not in (select revised.subject_id from revised)

    union all

    (
        select * from uses
        where subject_id in (select revised.subject_id from revised)
        qualify row_number() over (
            partition by subject_id
            order by recorded_at desc, fetched_at desc, landing_id desc
        ) = 1
    )
)

select
    subject_id as inference_use_id,
    activity_id,
    model_id,
    hardware_id,
    grid_zone_id,

    project,
    ownership,
    model_name,
    task,
    hardware,
    region,
    cloud_provider,
    cloud_region,
    started_at,
    ended_at,

    functional_unit,
    unit_count,
    request_count,
    input_tokens,
    output_tokens,
    hardware_count,
    duration_h,
    device_hours,

    label_kind,
    boundary,
    energy_kwh,
    energy_lower_kwh,
    energy_upper_kwh,
    is_energy_estimated as is_estimated,
    energy_method as estimation_method,
    pue_ratio,
    carbon_intensity_gco2e_per_kwh as reported_carbon_intensity_gco2e_per_kwh,
    reported_emissions_kgco2e,

    source_id,
    recorded_at
from in_force
where not is_withdrawn
