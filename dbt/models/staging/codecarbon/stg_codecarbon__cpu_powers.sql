with

powers as (
    select * from {{ source('codecarbon', 'codecarbon_cpu_powers') }}
    qualify row_number() over (
        partition by name
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        name as cpu_name,

        tdp_w,

        source_id,
        landed_sha256,
        recorded_at
    from powers
)

select * from renamed
