case when isfinite(energy_j) then 1e0 * energy_j / 3.6e6 end
