case
    when
        isfinite(co2_kg) and co2_kg >= 0
        and isfinite(ch4_kg) and ch4_kg >= 0
        and isfinite(n2o_kg) and n2o_kg >= 0
        and isfinite(ch4_gwp) and ch4_gwp >= 0
        and isfinite(n2o_gwp) and n2o_gwp >= 0
    then 1e0 * co2_kg + 1e0 * ch4_kg * ch4_gwp + 1e0 * n2o_kg * n2o_gwp
end
