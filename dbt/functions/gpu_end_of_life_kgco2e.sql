case
    when
        isfinite(card_mass_kg) and card_mass_kg >= 0
        and isfinite(end_of_life_kgco2e_per_kg) and end_of_life_kgco2e_per_kg >= 0
    then 1e0 * card_mass_kg * end_of_life_kgco2e_per_kg
end
