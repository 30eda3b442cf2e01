1000 * {{ function('operational_emissions_kgco2e') }}(
    energy_kwh := {{ function('ecologits_request_energy_wh') }}(
        parameters_active_billion := parameters_active_billion,
        parameters_total_billion := parameters_total_billion,
        output_tokens := output_tokens,
        pue_ratio := pue_ratio,
        throughput_tokens_per_s := throughput_tokens_per_s,
        quantization_bits := quantization_bits,
        batch_size := batch_size,
        time_to_first_token_s := time_to_first_token_s,
        request_latency_s := request_latency_s
    ) / 1000,
    pue_ratio := 1,
    carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh
)
