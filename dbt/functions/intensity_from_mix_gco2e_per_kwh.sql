case
    when
        sum(generation_mwh) > 0
        and bool_and(coalesce(
            generation_mwh = 0
            or (
                isfinite(generation_mwh) and generation_mwh > 0
                and isfinite(emission_factor_gco2e_per_kwh) and emission_factor_gco2e_per_kwh >= 0
            ),
            false
        ))
    then
        sum(1e0 * generation_mwh * emission_factor_gco2e_per_kwh)
        / sum(case when generation_mwh > 0 then 1e0 * generation_mwh end)
end
