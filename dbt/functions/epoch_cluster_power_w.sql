case
    when
        isfinite(device_count) and device_count >= 0
        and isfinite(tdp_w) and tdp_w > 0
        and isfinite(server_overhead_ratio) and server_overhead_ratio >= 1
        and average_power_share between 0 and 1
        and isfinite(pue_ratio) and pue_ratio >= 1
    then
        1e0 * device_count * tdp_w * server_overhead_ratio * average_power_share * pue_ratio
end
