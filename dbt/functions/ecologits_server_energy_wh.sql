case
    when
        isfinite(generation_latency_s) and generation_latency_s >= 0
        and isfinite(gpus_required) and gpus_required > 0
        and isfinite(batch_size) and batch_size >= 1
    then
        1e0 * generation_latency_s / 3600 * 1200 * gpus_required / 8 / batch_size
end
