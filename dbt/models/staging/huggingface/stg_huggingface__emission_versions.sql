-- A declaration that its model or card no longer makes has no newer version, only a count that it
-- lies beyond: the version of the count withdraws it.
with

models as (
    select * from {{ ref('stg_huggingface__models') }}
),

cards as (
    select * from {{ ref('stg_huggingface__cards') }}
),

versions as (
    select
        model_id as huggingface_id,
        declared_in,
        value_index,
        emissions_gco2e,
        emissions_gco2e is null as is_withdrawn,
        source_id,
        landed_sha256,
        recorded_at
    from {{ source('huggingface', 'huggingface_emissions') }}
    qualify row_number() over (
        partition by model_id, declared_in, value_index, recorded_at
        order by fetched_at desc, landed_sha256 desc
    ) = 1
),

counts as (
    select
        huggingface_id,
        'card_data' as declared_in,
        declared_count,
        landed_sha256,
        recorded_at
    from models

    union all

    select
        huggingface_id,
        'readme' as declared_in,
        declared_count,
        landed_sha256,
        recorded_at
    from cards
),

taken_back as (
    select
        versions.huggingface_id,
        versions.declared_in,
        versions.value_index,
        cast(null as double) as emissions_gco2e,
        true as is_withdrawn,
        any_value(versions.source_id) as source_id,
        any_value(counts.landed_sha256) as landed_sha256,
        any_value(counts.recorded_at) as recorded_at
    from versions
    inner join counts
        on
            versions.huggingface_id = counts.huggingface_id
            and case when versions.declared_in = 'card_data' then 'card_data' else 'readme' end
            = counts.declared_in
    where versions.value_index >= counts.declared_count
    group by versions.huggingface_id, versions.declared_in, versions.value_index
    having max(versions.recorded_at) < any_value(counts.recorded_at)
),

all_versions as (
    select * from versions
    union all by name
    select * from taken_back
)

-- A version without a figure is one only after a figure.
select * from all_versions
qualify
    not is_withdrawn
    or not lag(is_withdrawn, 1, true) over (
        partition by huggingface_id, declared_in, value_index
        order by recorded_at
    )
