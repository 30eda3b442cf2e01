case
    when
        isfinite(wue_l_per_kwh) and wue_l_per_kwh >= 0
        and isfinite(pue_ratio) and pue_ratio >= 1
        and isfinite(grid_water_l_per_kwh) and grid_water_l_per_kwh >= 0
    then 1e0 * wue_l_per_kwh + 1e0 * pue_ratio * grid_water_l_per_kwh
end
