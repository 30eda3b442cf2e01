case
    when
        isfinite(energy_kwh) and energy_kwh >= 0
        and isfinite(tokens) and tokens > 0
    then 1e6 * energy_kwh / tokens
end
