case
    when
        isfinite(emissions_kgco2e) and emissions_kgco2e >= 0
        and isfinite(compute_flop) and compute_flop > 0
    then 1e3 * emissions_kgco2e / compute_flop
end
