with

aliases as (
    select * from {{ source('ecologits', 'ecologits_aliases') }}
    qualify row_number() over (
        partition by provider, name
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        provider || ':' || alias as ecologits_model_id,
        name as model_alias,

        alias as model_name,
        provider as serving_provider,

        source_id,
        landed_sha256,
        recorded_at
    from aliases
)

select * from renamed
