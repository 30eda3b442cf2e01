case
    when isfinite(hardware_efficiency_flop_per_j) and hardware_efficiency_flop_per_j > 0
    then
        {{ function('inference_compute_flop') }}(
            parameters_active := parameters_active,
            tokens := 1
        )
        / hardware_efficiency_flop_per_j
end
