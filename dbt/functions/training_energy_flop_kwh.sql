{{ function('training_energy_device_hours_kwh') }}(
    device_hours := {{ function('device_hours_from_flop') }}(
        training_compute_flop := training_compute_flop,
        peak_flop_per_s := peak_flop_per_s,
        utilization_ratio := utilization_ratio
    ),
    tdp_w := tdp_w
)
