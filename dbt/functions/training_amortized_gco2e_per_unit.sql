case
    when
        isfinite(training_emissions_kgco2e) and training_emissions_kgco2e >= 0
        and isfinite(lifetime_unit_count) and lifetime_unit_count > 0
    then 1e3 * training_emissions_kgco2e / lifetime_unit_count
end
