case
    when
        isfinite(training_compute_flop) and training_compute_flop >= 0
        and isfinite(peak_flop_per_s) and peak_flop_per_s > 0
        and utilization_ratio > 0 and utilization_ratio <= 1
    then 1e0 * training_compute_flop / (1e0 * peak_flop_per_s * utilization_ratio) / 3600
end
