case
    when
        isfinite(energy_kwh) and energy_kwh >= 0
        and isfinite(compute_flop) and compute_flop > 0
    then 3.6e6 * energy_kwh / compute_flop
end
