case
    when
        isfinite(chip_area_cm2) and chip_area_cm2 >= 0
        and isfinite(carbon_per_area_kgco2e_per_cm2) and carbon_per_area_kgco2e_per_cm2 >= 0
    then 1e0 * chip_area_cm2 * carbon_per_area_kgco2e_per_cm2
end
