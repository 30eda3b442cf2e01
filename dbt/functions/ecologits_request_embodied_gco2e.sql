case
    when isfinite(batch_size) and batch_size >= 1
    then
        1000 * {{ function('embodied_share_kgco2e') }}(
            embodied_kgco2e := {{ function('ecologits_server_embodied_kgco2e') }}(
                gpus_required := {{ function('ecologits_gpus_required') }}(
                    parameters_total_billion := parameters_total_billion,
                    quantization_bits := quantization_bits
                )
            ),
            device_hours := {{ function('ecologits_generation_latency_s') }}(
                parameters_active_billion := parameters_active_billion,
                output_tokens := output_tokens,
                throughput_tokens_per_s := throughput_tokens_per_s,
                time_to_first_token_s := time_to_first_token_s,
                request_latency_s := request_latency_s,
                batch_size := batch_size
            ) / 3600 / batch_size,
            lifetime_h := 26280
        )
end
