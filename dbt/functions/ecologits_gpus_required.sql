case
    when
        isfinite(parameters_total_billion) and parameters_total_billion > 0
        and isfinite(quantization_bits) and quantization_bits > 0
        and isfinite(gpu_memory_gb) and gpu_memory_gb > 0
    then
        pow(2, ceil(log2(ceil(
            1.2e0 * parameters_total_billion * quantization_bits / 8 / gpu_memory_gb
        ))))
end
