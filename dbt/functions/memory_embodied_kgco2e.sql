case
    when
        isfinite(capacity_gb) and capacity_gb >= 0
        and isfinite(die_kgco2e_per_cm2) and die_kgco2e_per_cm2 >= 0
        and isfinite(base_kgco2e) and base_kgco2e >= 0
        and isfinite(density_gb_per_cm2) and density_gb_per_cm2 > 0
    then 1e0 * capacity_gb / density_gb_per_cm2 * die_kgco2e_per_cm2 + base_kgco2e
end
