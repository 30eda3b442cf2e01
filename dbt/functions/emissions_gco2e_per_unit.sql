case
    when
        isfinite(emissions_kgco2e) and emissions_kgco2e >= 0
        and isfinite(unit_count) and unit_count > 0
    then 1e3 * emissions_kgco2e / unit_count
end
