with

models as (
    select * from {{ source('epoch', 'epoch_models') }}
    qualify row_number() over (
        partition by model || coalesce(' (' || organization || ')', ''), recorded_at
        order by fetched_at desc, publication_date desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        'epoch:' || model || coalesce(' (' || organization || ')', '') as epoch_model_id,

        model as model_name,
        organization as publisher,
        lower(replace(domain, ',', ', ')) as modality,
        try_cast(publication_date as date) as release_date,
        country as countries,
        confidence,
        base_model as base_model_name,
        numerical_format,
        model_accessibility,
        training_hardware as hardware,

        case when parameters between 1 and 1e14 then parameters end as parameters_total,
        confidence <> 'Confident' as is_parameters_estimated,
        case when training_compute_flop between 1 and 1e28 then training_compute_flop end
            as training_compute_flop,
        case when finetune_compute_flop between 1 and 1e28 then finetune_compute_flop end
            as finetune_compute_flop,
        nullif(training_dataset_size, 0) as dataset_size,
        nullif(epochs, 0) as epochs,
        nullif(batch_size, 0) as batch_size,
        case when training_time_h > 0 and training_time_h <= 1e5 then training_time_h end
            as duration_h,
        -- Several counts in one cell do not say which accelerator each is of.
        case
            when try_cast(hardware_quantity as double) between 1 and 1e7
                then try_cast(hardware_quantity as double)
        end as hardware_count,
        case when mfu_ratio > 0 and mfu_ratio <= 1 then mfu_ratio end as mfu_ratio,
        case when hfu_ratio > 0 and hfu_ratio <= 1 then hfu_ratio end as hfu_ratio,
        nullif(training_power_draw_w, 0) as modelled_power_w,

        link as source_url,
        source_id,
        landed_sha256,
        recorded_at
    from models
)

select * from renamed
