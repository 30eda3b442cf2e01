{{ function('operational_emissions_kgco2e') }}(
    energy_kwh := energy_kwh,
    pue_ratio := pue_ratio,
    carbon_intensity_gco2e_per_kwh := {{ function('market_based_intensity_gco2e_per_kwh') }}(
        covered_share := covered_share,
        contract_gco2e_per_kwh := contract_gco2e_per_kwh,
        residual_mix_gco2e_per_kwh := residual_mix_gco2e_per_kwh
    )
)
