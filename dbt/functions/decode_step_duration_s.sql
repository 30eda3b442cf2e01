case
    when
        isfinite(parameters_read) and parameters_read > 0
        and isfinite(parameters_active) and parameters_active > 0
        and isfinite(bytes_per_parameter) and bytes_per_parameter > 0
        and isfinite(concurrency) and concurrency > 0
        and isfinite(memory_bandwidth_gb_per_s) and memory_bandwidth_gb_per_s > 0
        and isfinite(peak_flop_per_s) and peak_flop_per_s > 0
    then
        greatest(
            (
                1e0 * parameters_read * bytes_per_parameter
                + concurrency * 1.5e8 * sqrt(parameters_active / 1e10)
            ) / (0.7 * memory_bandwidth_gb_per_s * 1e9),
            2e0 * parameters_active * concurrency / (0.5 * peak_flop_per_s)
        ) + 0.005
end
