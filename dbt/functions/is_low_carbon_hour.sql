case
    when
        isfinite(carbon_intensity_gco2e_per_kwh) and carbon_intensity_gco2e_per_kwh >= 0
        and isfinite(threshold_gco2e_per_kwh) and threshold_gco2e_per_kwh > 0
    then carbon_intensity_gco2e_per_kwh < threshold_gco2e_per_kwh
end
