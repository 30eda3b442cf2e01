{{ function('sci_from_emissions_gco2e_per_unit') }}(
    operational_kgco2e := {{ function('operational_emissions_kgco2e') }}(
        energy_kwh := energy_kwh,
        pue_ratio := 1,
        carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh
    ),
    embodied_kgco2e := embodied_kgco2e,
    functional_unit_count := functional_unit_count
)
