case
    when
        isfinite(operational_kgco2e) and operational_kgco2e >= 0
        and isfinite(embodied_kgco2e) and embodied_kgco2e >= 0
        and isfinite(functional_unit_count) and functional_unit_count > 0
    then 1e3 * (1e0 * operational_kgco2e + embodied_kgco2e) / functional_unit_count
end
