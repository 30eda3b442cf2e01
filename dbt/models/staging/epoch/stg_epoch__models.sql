select * from {{ ref('stg_epoch__model_versions') }}
qualify row_number() over (partition by epoch_model_id order by recorded_at desc) = 1
