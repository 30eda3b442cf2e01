{{ function('sci_from_emissions_gco2e_per_unit') }}(
    operational_kgco2e := operational_kgco2e,
    embodied_kgco2e := embodied_kgco2e,
    functional_unit_count := functional_unit_count
)
