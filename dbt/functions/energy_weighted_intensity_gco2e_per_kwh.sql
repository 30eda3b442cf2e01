case
    when
        sum(energy_kwh) > 0
        and bool_and(coalesce(
            energy_kwh = 0
            or (
                isfinite(energy_kwh) and energy_kwh > 0
                and isfinite(carbon_intensity_gco2e_per_kwh)
                and carbon_intensity_gco2e_per_kwh >= 0
            ),
            false
        ))
    then
        sum(1e0 * energy_kwh * carbon_intensity_gco2e_per_kwh)
        / sum(case when energy_kwh > 0 then 1e0 * energy_kwh end)
end
