with

densities as (
    select * from {{ source('boavizta', 'boavizta_memory_densities') }}
    qualify dense_rank() over (
        partition by component
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        component || '.' || line as memory_density_id,

        component,
        trim(manufacturer) as manufacturer,

        process as process_nm,
        layers as layer_count,
        density as density_gb_per_cm2,

        source as source_url,
        source_id,
        landed_sha256,
        recorded_at
    from densities
)

select * from renamed
