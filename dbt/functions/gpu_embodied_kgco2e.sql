case
    when
        least(
            gpu_wafer_area_mm2, memory_gb, memory_die_count, board_area_cm2, casing_mass_kg,
            heatsink_mass_kg, card_mass_kg, ship_distance_km, road_distance_km, air_distance_km
        ) >= 0
        and memory_die_count > 0
    then
        gpu_wafer_area_mm2 * gpu_kgco2e_per_mm2
        + memory_kgco2e_per_mm2 * memory_die_count * coalesce(
            {{ function('effective_die_area_mm2') }}(
                die_area_mm2 := 15.5e0 * memory_gb / memory_die_count
            ),
            case when memory_gb = 0 then 0 end
        )
        + board_area_cm2 * board_kgco2e_per_cm2
        + casing_mass_kg * casing_kgco2e_per_kg
        + heatsink_mass_kg * heatsink_kgco2e_per_kg
        + card_mass_kg * (
            upstream_transport_kgco2e_per_kg
            + ship_distance_km * ship_kgco2e_per_kg_km
            + road_distance_km * road_kgco2e_per_kg_km
            + air_distance_km * air_kgco2e_per_kg_km
        )
end
