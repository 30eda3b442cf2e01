case
    when
        isfinite(fab_gco2e_per_kwh) and fab_gco2e_per_kwh >= 0
        and isfinite(fab_energy_kwh_per_cm2) and fab_energy_kwh_per_cm2 >= 0
        and isfinite(gas_kgco2e_per_cm2) and gas_kgco2e_per_cm2 >= 0
        and isfinite(material_kgco2e_per_cm2) and material_kgco2e_per_cm2 >= 0
        and yield_share > 0 and yield_share <= 1
    then
        (
            1e0 * fab_gco2e_per_kwh / 1000 * fab_energy_kwh_per_cm2
            + gas_kgco2e_per_cm2
            + material_kgco2e_per_cm2
        ) / yield_share
end
