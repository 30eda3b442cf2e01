{{ function('ecologits_request_usage_gco2e') }}(
    parameters_active_billion := parameters_active_billion,
    parameters_total_billion := parameters_total_billion,
    output_tokens := output_tokens,
    pue_ratio := pue_ratio,
    carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh,
    throughput_tokens_per_s := throughput_tokens_per_s,
    quantization_bits := quantization_bits,
    batch_size := batch_size,
    time_to_first_token_s := time_to_first_token_s,
    request_latency_s := request_latency_s
)
+ {{ function('ecologits_request_embodied_gco2e') }}(
    parameters_active_billion := parameters_active_billion,
    parameters_total_billion := parameters_total_billion,
    output_tokens := output_tokens,
    throughput_tokens_per_s := throughput_tokens_per_s,
    quantization_bits := quantization_bits,
    batch_size := batch_size,
    time_to_first_token_s := time_to_first_token_s,
    request_latency_s := request_latency_s
)
