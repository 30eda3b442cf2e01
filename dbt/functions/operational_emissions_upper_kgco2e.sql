case
    when
        coalesce(energy_upper_kwh, carbon_intensity_upper_gco2e_per_kwh) is not null
        and isfinite(energy_kwh) and isfinite(carbon_intensity_gco2e_per_kwh)
        and coalesce(energy_upper_kwh, energy_kwh) >= energy_kwh
        and coalesce(carbon_intensity_upper_gco2e_per_kwh, carbon_intensity_gco2e_per_kwh)
        >= carbon_intensity_gco2e_per_kwh
    then {{ function('operational_emissions_kgco2e') }}(
        energy_kwh := coalesce(energy_upper_kwh, energy_kwh),
        pue_ratio := pue_ratio,
        carbon_intensity_gco2e_per_kwh := coalesce(
            carbon_intensity_upper_gco2e_per_kwh, carbon_intensity_gco2e_per_kwh
        )
    )
end
