case
    when
        isfinite(water_on_site_l) and water_on_site_l >= 0
        and isfinite(it_energy_kwh) and it_energy_kwh > 0
    then 1e0 * water_on_site_l / it_energy_kwh
end
