case
    when
        isfinite(facility_energy_kwh) and facility_energy_kwh > 0
        and reused_energy_kwh between 0 and facility_energy_kwh
    then 1e0 * reused_energy_kwh / facility_energy_kwh
end
