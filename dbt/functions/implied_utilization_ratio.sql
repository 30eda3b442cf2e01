case
    when
        isfinite(training_compute_flop) and training_compute_flop >= 0
        and isfinite(device_hours) and device_hours > 0
        and isfinite(peak_flop_per_s) and peak_flop_per_s > 0
    then 1e0 * training_compute_flop / (1e0 * device_hours * 3600 * peak_flop_per_s)
end
