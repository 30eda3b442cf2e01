case
    when
        isfinite(facility_energy_kwh) and facility_energy_kwh >= 0
        and isfinite(lifecycle_gco2e_per_kwh)
        and direct_gco2e_per_kwh between 0 and lifecycle_gco2e_per_kwh
    then 1e0 * facility_energy_kwh * (1e0 * lifecycle_gco2e_per_kwh - direct_gco2e_per_kwh) / 1000
end
