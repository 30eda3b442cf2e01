-- A statement that the card no longer makes has no newer version, only a count that it lies beyond.
with

cards as (
    select * from {{ ref('stg_huggingface__cards') }}
),

statements as (
    select * from {{ source('huggingface', 'huggingface_card_statements') }}
    qualify row_number() over (
        partition by model_id, statement_index
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
)

select
    statements.model_id as huggingface_id,
    statements.statement_index,

    statements.kind,
    statements.stated_text,
    statements.stated_unit,
    statements.unit_text,
    statements.quoted_span,
    statements.char_offset,
    statements.extractor_version,

    statements.stated_value,
    statements.confidence,

    statements.source_id,
    statements.landed_sha256,
    statements.recorded_at
from statements
inner join cards on statements.model_id = cards.huggingface_id
where statements.statement_index < cards.statement_count
