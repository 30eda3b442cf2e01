{{ function('operational_emissions_kgco2e') }}(
    energy_kwh := {{ function('training_energy_device_hours_kwh') }}(
        device_hours := device_hours,
        tdp_w := tdp_w
    ),
    pue_ratio := 1,
    carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh
)
