case
    when
        isfinite(output_tokens) and output_tokens >= 0
        and isfinite(throughput_tokens_per_s) and throughput_tokens_per_s > 0
        and isfinite(time_to_first_token_s) and time_to_first_token_s >= 0
        and isfinite(gpu_power_w) and gpu_power_w >= 0
        and isfinite(non_gpu_power_w) and non_gpu_power_w >= 0
        and gpu_utilization_share between 0 and 1
        and non_gpu_utilization_share between 0 and 1
        and isfinite(pue_ratio) and pue_ratio >= 1
    then
        (time_to_first_token_s + 1e0 * output_tokens / throughput_tokens_per_s) / 3600
        * (
            1e0 * gpu_power_w * gpu_utilization_share
            + 1e0 * non_gpu_power_w * non_gpu_utilization_share
        )
        * pue_ratio
end
