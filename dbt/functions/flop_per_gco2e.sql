case
    when
        isfinite(compute_flop) and compute_flop >= 0
        and isfinite(emissions_kgco2e) and emissions_kgco2e > 0
    then 1e0 * compute_flop / emissions_kgco2e / 1000
end
