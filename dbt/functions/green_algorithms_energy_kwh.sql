case
    when
        isfinite(duration_h) and duration_h >= 0
        and isfinite(core_count) and core_count >= 0
        and isfinite(core_power_w) and core_power_w >= 0
        and usage_ratio between 0 and 1
        and isfinite(memory_gb) and memory_gb >= 0
        and isfinite(pue_ratio) and pue_ratio >= 1
        and isfinite(run_count) and run_count >= 0
        and isfinite(memory_power_w_per_gb) and memory_power_w_per_gb >= 0
    then
        1e0 * duration_h * pue_ratio * run_count / 1000
        * (1e0 * core_count * core_power_w * usage_ratio + memory_power_w_per_gb * memory_gb)
end
