case
    when
        isfinite(emissions_kgco2e) and emissions_kgco2e >= 0
        and isfinite(it_energy_kwh) and it_energy_kwh > 0
    then 1e0 * emissions_kgco2e / it_energy_kwh
end
