case
    when
        isfinite(it_energy_kwh) and it_energy_kwh >= 0
        and isfinite(pue_ratio) and pue_ratio >= 1
    then 1e0 * it_energy_kwh * pue_ratio
end
