case
    when
        isfinite(energy_kwh) and energy_kwh >= 0
        and isfinite(epochs) and epochs > 0
    then 1e0 * energy_kwh / epochs
end
