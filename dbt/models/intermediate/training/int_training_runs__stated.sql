-- Runs that a publication or a table states: our own cited table, and Epoch's. Names are resolved
-- by their spellings. A training that our own table has is better known there: Epoch's row of the
-- same model is left out.
with

published as (
    select
        *,
        'joulehouse-seeds' as source_id
    from {{ ref('published_training_runs') }}
),

listed as (
    select * from {{ ref('stg_epoch__training_runs') }}
),

runs as (
    select * from published
    union all by name
    select * from listed
),

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
)

select
    runs.training_run_id,
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
from runs
left join model_aliases
    on {{ function('normalize_name') }}(name := runs.model_name) = model_aliases.model_alias
left join models on coalesce(runs.model_id, model_aliases.model_id) = models.model_id
left join hardware_aliases
    on {{ function('normalize_name') }}(name := runs.hardware) = hardware_aliases.hardware_alias
left join hardware
    on coalesce(runs.hardware_id, hardware_aliases.hardware_id) = hardware.hardware_id
left join regions
    on {{ function('normalize_region') }}(region := runs.region) = regions.region_key
where
    runs.source_id = 'joulehouse-seeds'
    or coalesce(models.model_id, '') not in (
        select published.model_id from published
        where published.model_id is not null
    )
