case
    when
        isfinite(energy_kwh) and energy_kwh >= 0
        and isfinite(parameters_total) and parameters_total > 0
    then 1e0 * energy_kwh / parameters_total * 1e9
end
