case when isfinite(energy_kwh) then 3.6e6 * energy_kwh end
