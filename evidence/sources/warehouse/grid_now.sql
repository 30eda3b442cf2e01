-- One row per zone, basis, scope and flow: the newest interval of a live source.
select
    grid_zone_id,
    grid_zone_name,
    intensity_basis,
    emission_factor_scope,
    flow_basis,
    interval_start_at,
    interval_minutes,
    carbon_intensity_gco2e_per_kwh,
    is_estimated,
    source_id
from rpt_grid_current
order by grid_zone_id, intensity_basis, emission_factor_scope
limit 5000
