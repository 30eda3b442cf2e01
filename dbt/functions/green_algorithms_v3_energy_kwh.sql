{{ function('green_algorithms_energy_kwh') }}(
    duration_h := duration_h,
    core_count := cpu_core_count,
    core_power_w := cpu_core_power_w,
    usage_ratio := cpu_usage_ratio,
    memory_gb := memory_gb,
    pue_ratio := pue_ratio,
    run_count := run_count,
    memory_power_w_per_gb := memory_power_w_per_gb
)
+ {{ function('green_algorithms_energy_kwh') }}(
    duration_h := duration_h,
    core_count := gpu_count,
    core_power_w := gpu_power_w,
    usage_ratio := gpu_usage_ratio,
    memory_gb := 0,
    pue_ratio := pue_ratio,
    run_count := run_count
)
