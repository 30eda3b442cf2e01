case
    when
        isfinite(device_hours) and device_hours >= 0
        and isfinite(tdp_w) and tdp_w > 0
        and utilization_ratio between 0 and 1
    then 1e0 * device_hours * tdp_w * utilization_ratio / 1000
end
