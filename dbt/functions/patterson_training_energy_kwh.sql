case
    when isfinite(processor_count) and processor_count >= 0
    then
        {{ function('time_based_energy_kwh') }}(
            max_power_w := average_power_w,
            utilization_ratio := 1,
            duration_h := 1e0 * duration_h * processor_count,
            pue_ratio := pue_ratio
        )
end
