with

targets as (
    select * from {{ source('targets', 'kpi_targets') }}
),

renamed as (
    select
        kpi_id,
        project,

        target_value,
        unit,
        is_upper_bound,
        reference,
        coalesce(is_withdrawn, false) as is_withdrawn,

        source_id,
        landing_id,
        fetched_at,
        recorded_at
    from targets
)

select * from renamed
