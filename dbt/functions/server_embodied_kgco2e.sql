case
    when
        least(
            cpu_count, cpu_kgco2e, memory_module_count, memory_module_kgco2e, ssd_count, ssd_kgco2e,
            hdd_count, hdd_kgco2e, power_supply_count, power_supply_mass_kg,
            power_supply_kgco2e_per_kg, motherboard_kgco2e, case_kgco2e, assembly_kgco2e
        ) >= 0
        and greatest(
            cpu_count, cpu_kgco2e, memory_module_count, memory_module_kgco2e, ssd_count, ssd_kgco2e,
            hdd_count, hdd_kgco2e, power_supply_count, power_supply_mass_kg,
            power_supply_kgco2e_per_kg, motherboard_kgco2e, case_kgco2e, assembly_kgco2e
        ) < 'infinity'::double
    then
        1e0 * cpu_count * cpu_kgco2e
        + 1e0 * memory_module_count * memory_module_kgco2e
        + 1e0 * ssd_count * ssd_kgco2e
        + 1e0 * hdd_count * hdd_kgco2e
        + 1e0 * power_supply_count * power_supply_mass_kg * power_supply_kgco2e_per_kg
        + motherboard_kgco2e
        + case_kgco2e
        + assembly_kgco2e
end
