{{ function('patterson_training_energy_kwh') }}(
    duration_h := {{ function('device_hours_from_flop') }}(
        training_compute_flop := training_compute_flop,
        peak_flop_per_s := peak_flop_per_s,
        utilization_ratio := hardware_efficiency_ratio
    ),
    processor_count := 1,
    average_power_w := average_power_w,
    pue_ratio := pue_ratio
)
