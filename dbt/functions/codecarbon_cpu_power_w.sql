case
    when isfinite(tdp_w) and tdp_w >= 0 and cpu_mode = 'constant' then 0.5e0 * tdp_w
    when isfinite(tdp_w) and tdp_w >= 0 and load_ratio between 0 and 1 and cpu_mode = 'cpu_load'
        then 1e0 * tdp_w * (0.1 + 0.9 * pow(load_ratio, 3))
    when
        isfinite(tdp_w) and tdp_w >= 0 and load_ratio between 0 and 1
        and cpu_mode = 'cpu_load_process'
        then 1e0 * tdp_w * load_ratio
end
