case
    when isfinite(emissions_kgco2e) and emissions_kgco2e >= 0 and offset_pct between 0 and 100
    then 1e0 * emissions_kgco2e * offset_pct / 100
end
