with

cards as (
    select * from {{ ref('stg_boavizta__gpus') }}
),

aliases as (
    select * from {{ ref('dim_hardware_aliases') }}
),

factors as (
    select
        max(impact_per_quantity) filter (where part = 'gpu') as gpu_kgco2e_per_mm2,
        max(impact_per_quantity) filter (where part = 'vram') as memory_kgco2e_per_mm2,
        max(impact_per_quantity) filter (where part = 'pwb') as board_kgco2e_per_cm2,
        max(impact_per_quantity) filter (where part = 'casing') as casing_kgco2e_per_kg,
        max(impact_per_quantity) filter (where part = 'heatsink') as heatsink_kgco2e_per_kg,
        max(impact_per_quantity) filter (where part = 'upstream_transport')
            as upstream_transport_kgco2e_per_kg,
        max(impact_per_quantity) filter (where part = 'transport_boat') as ship_kgco2e_per_kg_km,
        max(impact_per_quantity) filter (where part = 'transport_truck') as road_kgco2e_per_kg_km,
        max(impact_per_quantity) filter (where part = 'transport_plane') as air_kgco2e_per_kg_km,
        max(impact_per_quantity) filter (where part = 'end_of_life') as end_of_life_kgco2e_per_kg
    from {{ ref('stg_boavizta__factors') }}
    where component = 'gpu' and criterion = 'gwp'
),

assessed as (
    select
        aliases.hardware_id,
        cards.hardware_name,
        {{ function('gpu_embodied_kgco2e') }}(
            gpu_wafer_area_mm2 := cards.gpu_wafer_area_mm2,
            memory_gb := cards.memory_gb,
            memory_die_count := cards.memory_die_count,
            board_area_cm2 := cards.board_area_cm2,
            casing_mass_kg := cards.casing_mass_kg,
            heatsink_mass_kg := cards.heatsink_mass_kg,
            card_mass_kg := cards.card_mass_kg,
            ship_distance_km := cards.ship_distance_km,
            road_distance_km := cards.road_distance_km,
            air_distance_km := cards.air_distance_km,
            gpu_kgco2e_per_mm2 := factors.gpu_kgco2e_per_mm2,
            memory_kgco2e_per_mm2 := factors.memory_kgco2e_per_mm2,
            board_kgco2e_per_cm2 := factors.board_kgco2e_per_cm2,
            casing_kgco2e_per_kg := factors.casing_kgco2e_per_kg,
            heatsink_kgco2e_per_kg := factors.heatsink_kgco2e_per_kg,
            upstream_transport_kgco2e_per_kg := factors.upstream_transport_kgco2e_per_kg,
            ship_kgco2e_per_kg_km := factors.ship_kgco2e_per_kg_km,
            road_kgco2e_per_kg_km := factors.road_kgco2e_per_kg_km,
            air_kgco2e_per_kg_km := factors.air_kgco2e_per_kg_km
        ) as embodied_kgco2e,
        {{ function('gpu_end_of_life_kgco2e') }}(
            card_mass_kg := cards.card_mass_kg,
            end_of_life_kgco2e_per_kg := factors.end_of_life_kgco2e_per_kg
        ) as end_of_life_kgco2e,
        cards.source_id
    from cards
    cross join factors
    inner join aliases
        on {{ function('normalize_name') }}(name := cards.hardware_name) = aliases.hardware_alias
)

select * from assessed
where embodied_kgco2e is not null
qualify row_number() over (partition by hardware_id order by hardware_name) = 1
