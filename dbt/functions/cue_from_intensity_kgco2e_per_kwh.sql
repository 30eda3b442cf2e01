case
    when
        isfinite(pue_ratio) and pue_ratio >= 1
        and isfinite(carbon_intensity_gco2e_per_kwh) and carbon_intensity_gco2e_per_kwh >= 0
    then 1e0 * pue_ratio * carbon_intensity_gco2e_per_kwh / 1000
end
