-- A declaration that its model or card no longer makes has no newer version, only a count that it
-- lies beyond.
with

models as (
    select * from {{ ref('stg_huggingface__models') }}
),

cards as (
    select * from {{ ref('stg_huggingface__cards') }}
),

versions as (
    select
        *,
        lag(emissions_gco2e) over (
            partition by model_id, declared_in, value_index
            order by recorded_at, fetched_at, landed_sha256
        ) as earlier_emissions_gco2e
    from {{ source('huggingface', 'huggingface_emissions') }}
    qualify row_number() over (
        partition by model_id, declared_in, value_index
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
)

select
    versions.model_id as huggingface_id,
    versions.declared_in,
    versions.value_index,

    versions.shape,
    versions.emissions_text,
    versions.emissions_unit,
    versions.emissions_source,
    versions.training_type,
    versions.training_type_text,
    versions.geographical_location,
    versions.hardware_used,
    versions.flags,
    versions.raw_json,

    versions.emissions_value,
    versions.emissions_gco2e,
    versions.earlier_emissions_gco2e,

    versions.source_id,
    versions.landed_sha256,
    versions.recorded_at
from versions
left join models on versions.model_id = models.huggingface_id
left join cards on versions.model_id = cards.huggingface_id
where
    versions.value_index < coalesce(
        case
            when versions.declared_in = 'card_data' then models.declared_count
            else cards.declared_count
        end,
        versions.value_index + 1
    )
