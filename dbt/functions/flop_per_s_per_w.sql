case
    when
        isfinite(throughput_flop_per_s) and throughput_flop_per_s >= 0
        and isfinite(power_w) and power_w > 0
    then 1e0 * throughput_flop_per_s / power_w
end
