-- One row per grid zone and kind of emission factor: the yearly intensity in use.
select
    zones.grid_zone_id,
    coalesce(zones.grid_zone_name, zones.grid_zone_id) as grid_zone_name,
    zones.zone_kind,
    intensity.intensity_year,
    intensity.intensity_basis,
    intensity.emission_factor_scope,
    intensity.flow_basis,
    intensity.carbon_intensity_gco2e_per_kwh,
    intensity.carbon_intensity_lower_gco2e_per_kwh,
    intensity.carbon_intensity_upper_gco2e_per_kwh,
    intensity.is_estimated,
    intensity.intensity_source,
    intensity.source_id
from dim_region_intensity as intensity
inner join dim_grid_zones as zones on intensity.grid_zone_id = zones.grid_zone_id
where intensity.region_kind = 'grid_zone'
order by zones.grid_zone_id, intensity.emission_factor_scope, intensity.intensity_basis
limit 5000
