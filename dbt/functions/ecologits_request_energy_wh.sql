case
    when isfinite(pue_ratio) and pue_ratio >= 1
    then
        pue_ratio * (
            {{ function('ecologits_server_energy_wh') }}(
                generation_latency_s := {{ function('ecologits_generation_latency_s') }}(
                    parameters_active_billion := parameters_active_billion,
                    output_tokens := output_tokens,
                    throughput_tokens_per_s := throughput_tokens_per_s,
                    time_to_first_token_s := time_to_first_token_s,
                    request_latency_s := request_latency_s,
                    batch_size := batch_size
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
