with

cards as (
    select * from {{ source('huggingface', 'huggingface_cards') }}
    qualify row_number() over (
        partition by model_id
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
)

select
    model_id as huggingface_id,

    sha,
    state,
    front_matter,
    character_count,
    declared_count,
    statement_count,
    extractor_version,

    source_id,
    landed_sha256,
    recorded_at
from cards
