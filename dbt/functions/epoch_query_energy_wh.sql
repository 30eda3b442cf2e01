1000 * {{ function('time_based_energy_kwh') }}(
    max_power_w := server_power_w_per_gpu,
    utilization_ratio := average_power_share,
    duration_h := {{ function('device_hours_from_flop') }}(
        training_compute_flop := {{ function('inference_compute_flop') }}(
            parameters_active := parameters_active,
            tokens := tokens
        ),
        peak_flop_per_s := peak_flop_per_s,
        utilization_ratio := utilization_ratio
    ),
    pue_ratio := pue_ratio
)
