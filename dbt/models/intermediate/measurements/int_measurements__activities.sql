-- The columns of int_activities__versions, in their order. What two files of one run say of one
-- key has one clock: the later of them counts.
with

measurements as (
    select * from {{ ref('int_measurements__resolved') }}
),

hardware as (
    select * from {{ ref('dim_hardware') }}
),

training_runs as (
    select
        measurements.* replace (
            coalesce(
                measurements.training_compute_flop,
                {{ function('training_compute_dense_flop') }}(
                    parameters_active := measurements.model_parameters_active,
                    tokens := measurements.tokens
                )
            ) as training_compute_flop,
            measurements.model_parameters_total as parameters_total
        ),
        hardware.tdp_w,
        coalesce(
            hardware.peak_bf16_flop_per_s,
            hardware.peak_fp16_flop_per_s,
            hardware.peak_tf32_flop_per_s,
            hardware.peak_fp32_flop_per_s
        ) as peak_flop_per_s,
        cast(null as varchar) as suspect_reason_by_source
    from measurements
    left join hardware on measurements.hardware_id = hardware.hardware_id
    where measurements.subject_kind = 'training_run'
),

{{ checked_training_runs('training_runs') }},

activities as (
    select
        *,
        len(suspect_reasons) > 0 as is_suspect
    from checked

    union all by name

    select
        *,
        false as is_suspect
    from measurements
    where subject_kind <> 'training_run'
)

select
    subject_kind,
    subject_id,
    activity_id,
    recorded_at,
    is_withdrawn,
    true as is_own,
    project,
    ownership,
    model_id,
    model_name,
    hardware_id,
    hardware_count,
    device_hours,
    duration_h,
    started_at,
    ended_at,
    grid_zone_id,
    region,
    cloud_provider,
    cloud_region,
    functional_unit,
    unit_count,
    label_kind,
    boundary,
    energy_kwh,
    energy_lower_kwh,
    energy_upper_kwh,
    is_energy_estimated,
    energy_method,
    pue_ratio,
    carbon_intensity_gco2e_per_kwh as stated_gco2e_per_kwh,
    case when carbon_intensity_gco2e_per_kwh is not null then 'location_based' end
        as stated_accounting_method,
    reported_emissions_kgco2e,
    release_date,
    is_suspect,
    source_id,
    cast(null as varchar) as source_url
from activities
qualify row_number() over (
    partition by subject_kind, subject_id, recorded_at
    order by fetched_at desc, landing_id desc
) = 1
