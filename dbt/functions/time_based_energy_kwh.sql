{{ function('facility_energy_kwh') }}(
    it_energy_kwh := {{ function('training_energy_device_hours_kwh') }}(
        device_hours := duration_h,
        tdp_w := max_power_w,
        utilization_ratio := utilization_ratio
    ),
    pue_ratio := pue_ratio
)
