-- In the columns of published_training_runs, so that both can stand under one another. Energy is
-- what Epoch's modelled power makes of the hours, and is never a measurement; most rows have none.
with

-- A version that no longer says anything of the training withdraws it.
versions as (
    select
        *,
        coalesce(
            training_compute_flop, duration_h, hardware_count, modelled_power_w
        ) is null as is_withdrawn
    from {{ ref('stg_epoch__model_versions') }}
),

models as (
    select * from versions
    qualify
        not is_withdrawn
        or not lag(is_withdrawn, 1, true) over (partition by epoch_model_id order by recorded_at)
),

renamed as (
    select
        epoch_model_id as training_run_id,
        cast(null as varchar) as model_id,
        cast(null as varchar) as hardware_id,

        model_name,
        case when base_model_name is null then 'pretraining' else 'fine_tuning' end
            as training_stage,
        'modelled' as label_kind,
        case when modelled_power_w * duration_h > 0 then 'facility' end as boundary,
        hardware,
        cast(null as varchar) as region,
        cast(null as varchar) as accounting_method,
        cast(null as timestamp) as started_at,
        release_date,

        parameters_total,
        cast(null as double) as parameters_active,
        cast(null as double) as tokens,
        epochs,
        dataset_size,
        cast(null as varchar) as dataset_size_unit,
        batch_size,
        cast(null as varchar) as batch_size_unit,
        case when base_model_name is null then training_compute_flop else finetune_compute_flop end
            as training_compute_flop,

        case when coalesce(duration_h * hardware_count, 0) <= 1e9 then hardware_count end
            as hardware_count,
        duration_h,
        case when duration_h * hardware_count <= 1e9 then duration_h * hardware_count end
            as device_hours,
        modelled_power_w / hardware_count as average_power_w,
        mfu_ratio as utilization_ratio,
        cast(null as double) as pue_ratio,

        case
            when modelled_power_w * duration_h / 1e3 <= 1e9
                then modelled_power_w * duration_h / 1e3
        end as energy_kwh,
        true as is_estimated,
        case
            when modelled_power_w * duration_h > 0
                then
                    'Epoch''s modelled power (accelerators x thermal design power, with servers '
                    || 'and building) x hours.'
        end as estimation_method,
        cast(null as double) as carbon_intensity_gco2e_per_kwh,
        cast(null as double) as reported_emissions_kgco2e,

        false as is_suspect,
        cast(null as varchar) as suspect_reason,

        'Epoch AI, Parameter, Compute and Data Trends in Machine Learning' as citation,
        source_id,
        source_url,
        landed_sha256,
        recorded_at,
        is_withdrawn
    from models
)

select * from renamed
