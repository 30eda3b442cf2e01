case
    when
        isfinite(compute_flop) and compute_flop >= 0
        and isfinite(energy_kwh_per_flop) and energy_kwh_per_flop > 0
    then 1000e0 * compute_flop * energy_kwh_per_flop
end
