with

cpus as (
    select * from {{ source('boavizta', 'boavizta_cpus') }}
    qualify row_number() over (
        partition by name, code_name, source
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        name as cpu_name,

        code_name,
        manufacturer as vendor,

        cores as core_count,
        threads as thread_count,
        tdp as tdp_w,
        total_die_size as die_area_mm2,

        source as source_url,
        source_id,
        landed_sha256,
        recorded_at
    from cpus
)

select * from renamed
