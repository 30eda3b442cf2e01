{{ function('water_total_l') }}(
    it_energy_kwh := 1,
    wue_l_per_kwh := wue_on_site_l_per_kwh,
    pue_ratio := pue_ratio,
    grid_water_l_per_kwh := water_at_source_l_per_kwh
)
/ 1000 * {{ function('ecologits_request_energy_wh') }}(
    parameters_active_billion := parameters_active_billion,
    parameters_total_billion := parameters_total_billion,
    output_tokens := output_tokens,
    pue_ratio := 1,
    throughput_tokens_per_s := throughput_tokens_per_s,
    quantization_bits := quantization_bits,
    batch_size := batch_size,
    time_to_first_token_s := time_to_first_token_s,
    request_latency_s := request_latency_s
)
