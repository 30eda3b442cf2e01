{{ function('water_on_site_l') }}(it_energy_kwh := it_energy_kwh, wue_l_per_kwh := wue_l_per_kwh)
+ {{ function('water_at_source_l') }}(
    facility_energy_kwh := {{ function('facility_energy_kwh') }}(
        it_energy_kwh := it_energy_kwh,
        pue_ratio := pue_ratio
    ),
    grid_water_l_per_kwh := grid_water_l_per_kwh
)
