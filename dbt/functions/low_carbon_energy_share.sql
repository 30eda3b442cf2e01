case
    when
        sum(energy_kwh) > 0
        and bool_and(coalesce(
            energy_kwh = 0
            or (
                isfinite(energy_kwh) and energy_kwh > 0
                and {{ function('is_low_carbon_hour') }}(
                    carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh,
                    threshold_gco2e_per_kwh := threshold_gco2e_per_kwh
                ) is not null
            ),
            false
        ))
    then
        sum(case
            when
                {{ function('is_low_carbon_hour') }}(
                    carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh,
                    threshold_gco2e_per_kwh := threshold_gco2e_per_kwh
                )
            then 1e0 * energy_kwh
            else 0
        end)
        / sum(1e0 * energy_kwh)
end
