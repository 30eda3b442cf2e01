with

defaults as (
    select * from {{ source('boavizta', 'boavizta_component_defaults') }}
    qualify row_number() over (
        partition by component, archetype_id, attribute
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        concat_ws('.', component, archetype_id, attribute) as component_default_id,

        component,
        archetype_id as default_name,
        attribute as attribute_name,
        value as default_text,

        try_cast(split_part(value, ';', 1) as double) as default_number,
        try_cast(
            coalesce(nullif(split_part(value, ';', 2), ''), value) as double
        ) as default_number_lower,
        try_cast(
            coalesce(nullif(split_part(value, ';', 3), ''), value) as double
        ) as default_number_upper,

        source_id,
        landed_sha256,
        recorded_at
    from defaults
)

select * from renamed
