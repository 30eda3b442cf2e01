case
    when
        isfinite(capacity_gb) and capacity_gb >= 0
        and isfinite(carbon_per_capacity_kgco2e_per_gb) and carbon_per_capacity_kgco2e_per_gb >= 0
    then 1e0 * capacity_gb * carbon_per_capacity_kgco2e_per_gb
end
