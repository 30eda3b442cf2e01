with

gpus as (
    select * from {{ source('boavizta', 'boavizta_gpus') }}
    qualify row_number() over (
        partition by name
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        name as hardware_name,

        manufacturer as vendor,

        vram as memory_gb,
        unit as gpu_die_count,
        number as memory_die_count,
        die_surface as gpu_wafer_area_mm2,
        pwb_surface as board_area_cm2,
        mass_casing as casing_mass_kg,
        mass_heatsink as heatsink_mass_kg,
        mass as card_mass_kg,
        distance_boat as ship_distance_km,
        distance_truck as road_distance_km,
        distance_plane as air_distance_km,

        source as source_urls,
        source_id,
        landed_sha256,
        recorded_at
    from gpus
)

select * from renamed
