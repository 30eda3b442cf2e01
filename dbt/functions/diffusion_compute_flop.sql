case
    when
        isfinite(flop_per_step) and flop_per_step >= 0
        and isfinite(step_count) and step_count >= 0
        and isfinite(passes_per_step) and passes_per_step >= 1
        and denoising_strength between 0 and 1
        and isfinite(frame_count) and frame_count > 0
        and isfinite(native_frame_count) and native_frame_count > 0
        and isfinite(pipeline_overhead_ratio) and pipeline_overhead_ratio >= 1
    then
        1e0 * flop_per_step * step_count * passes_per_step * denoising_strength
        * frame_count / native_frame_count * pipeline_overhead_ratio
end
