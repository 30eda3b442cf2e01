case
    when
        isfinite(average_power_w) and average_power_w >= 0
        and isfinite(tdp_w) and tdp_w > 0
    then 1e0 * average_power_w / tdp_w
end
