case
    when
        isfinite(it_energy_kwh) and it_energy_kwh > 0
        and isfinite(facility_energy_kwh) and facility_energy_kwh >= it_energy_kwh
    then 1e0 * facility_energy_kwh / it_energy_kwh
end
