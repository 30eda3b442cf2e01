case
    when
        coalesce(energy_lower_kwh, carbon_intensity_lower_gco2e_per_kwh) is not null
        and isfinite(energy_kwh) and isfinite(carbon_intensity_gco2e_per_kwh)
        and coalesce(energy_lower_kwh, energy_kwh) <= energy_kwh
        and coalesce(carbon_intensity_lower_gco2e_per_kwh, carbon_intensity_gco2e_per_kwh)
        <= carbon_intensity_gco2e_per_kwh
    then {{ function('operational_emissions_kgco2e') }}(
        energy_kwh := coalesce(energy_lower_kwh, energy_kwh),
        pue_ratio := pue_ratio,
        carbon_intensity_gco2e_per_kwh := coalesce(
            carbon_intensity_lower_gco2e_per_kwh, carbon_intensity_gco2e_per_kwh
        )
    )
end
