with

models as (
    select * from {{ source('huggingface', 'huggingface_models') }}
    qualify row_number() over (
        partition by model_id
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
)

select
    model_id as huggingface_id,

    author,
    sha,
    created_at,
    last_modified_at,
    library_name,
    pipeline_tag,
    gated,
    base_models,
    licence_tag,
    parameters_source,
    is_tagged,
    is_autotrain,
    has_card_data,

    parameters_total,
    downloads,
    likes,
    declared_count,

    source_id,
    landed_sha256,
    recorded_at
from models
