case
    when
        isfinite(output_tokens) and output_tokens >= 0
        and isfinite(pue_ratio) and pue_ratio >= 1
        and (throughput_tokens_per_s is null or throughput_tokens_per_s > 0)
    then
        pue_ratio * (
            {{ function('ecologits_server_energy_wh') }}(
                generation_latency_s := output_tokens * coalesce(
                    1e0 / throughput_tokens_per_s,
                    {{ function('ecologits_latency_s_per_output_token') }}(
                        parameters_active_billion := parameters_active_billion,
                        batch_size := batch_size
                    )
                ),
                gpus_required := {{ function('ecologits_gpus_required') }}(
                    parameters_total_billion := parameters_total_billion,
                    quantization_bits := quantization_bits
                ),
                batch_size := batch_size
            )
            + {{ function('ecologits_gpus_required') }}(
                parameters_total_billion := parameters_total_billion,
                quantization_bits := quantization_bits
            )
            * output_tokens
            * {{ function('ecologits_energy_wh_per_output_token') }}(
                parameters_active_billion := parameters_active_billion,
                batch_size := batch_size
            )
        )
end
