case
    when
        isfinite(it_energy_kwh) and it_energy_kwh >= 0
        and isfinite(wue_l_per_kwh) and wue_l_per_kwh >= 0
    then 1e0 * it_energy_kwh * wue_l_per_kwh
end
