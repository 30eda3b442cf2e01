case
    when
        isfinite(die_area_mm2) and die_area_mm2 >= 0
        and isfinite(die_kgco2e_per_mm2) and die_kgco2e_per_mm2 >= 0
        and isfinite(base_kgco2e) and base_kgco2e >= 0
    then 1e0 * die_area_mm2 * die_kgco2e_per_mm2 + base_kgco2e
end
