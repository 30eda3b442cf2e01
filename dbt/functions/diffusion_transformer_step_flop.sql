case
    when
        isfinite(latent_tokens) and latent_tokens > 0
        and isfinite(layer_count) and layer_count > 0
        and isfinite(hidden_size) and hidden_size > 0
        and parameters_active > 0
    then
        {{ function('inference_compute_flop') }}(
            parameters_active := parameters_active,
            tokens := latent_tokens
        )
        + 4e0 * layer_count * latent_tokens * latent_tokens * hidden_size
end
