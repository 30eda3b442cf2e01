case
    when
        isfinite(duration_h) and duration_h >= 0
        and isfinite(cpu_power_w) and cpu_power_w >= 0
        and isfinite(ram_power_w) and ram_power_w >= 0
        and isfinite(gpu_energy_kwh) and gpu_energy_kwh >= 0
    then gpu_energy_kwh + 1e0 * duration_h * (1e0 * cpu_power_w + ram_power_w) / 1000
end
