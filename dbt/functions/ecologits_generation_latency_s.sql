case
    when
        isfinite(parameters_active_billion) and parameters_active_billion > 0
        and isfinite(batch_size) and batch_size >= 1
        and isfinite(output_tokens) and output_tokens >= 0
        and (throughput_tokens_per_s is null or throughput_tokens_per_s > 0)
        and (time_to_first_token_s is null or time_to_first_token_s >= 0)
        and (request_latency_s is null or request_latency_s >= 0)
    then
        least(
            output_tokens * coalesce(
                1e0 / throughput_tokens_per_s,
                {{ function('ecologits_latency_s_per_output_token') }}(
                    parameters_active_billion := parameters_active_billion,
                    batch_size := batch_size
                )
            ) + coalesce(time_to_first_token_s, 0),
            coalesce(request_latency_s, 'infinity'::double)
        )
end
