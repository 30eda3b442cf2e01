case
    when
        isfinite(average_power_w) and average_power_w >= 0
        and isfinite(throughput_tokens_per_s) and throughput_tokens_per_s > 0
        and isfinite(pue_ratio) and pue_ratio >= 1
    then 1e0 * average_power_w * pue_ratio / throughput_tokens_per_s
end
