case
    when
        isfinite(facility_energy_kwh) and facility_energy_kwh >= 0
        and isfinite(grid_water_l_per_kwh) and grid_water_l_per_kwh >= 0
    then 1e0 * facility_energy_kwh * grid_water_l_per_kwh
end
