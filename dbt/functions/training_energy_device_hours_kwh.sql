case
    when isfinite(device_hours) and device_hours >= 0 and isfinite(tdp_w) and tdp_w > 0
    then 1e0 * device_hours * tdp_w / 1000
end
