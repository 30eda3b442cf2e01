case
    when
        isfinite(energy_kwh) and energy_kwh >= 0
        and isfinite(request_count) and request_count > 0
    then 1e3 * energy_kwh / request_count
end
