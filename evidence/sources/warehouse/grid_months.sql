-- One row per zone, month, basis, scope and source: the mean of its intervals of an hour or less,
-- weighted by their length. Newest months first, at most 20,000 rows.
select
    grid_zone_id,
    date_trunc('month', interval_start_at)::date as month,
    intensity_basis,
    emission_factor_scope,
    flow_basis,
    source_id,
    sum(carbon_intensity_gco2e_per_kwh * interval_minutes)
    / sum(interval_minutes) filter (where carbon_intensity_gco2e_per_kwh is not null)
        as carbon_intensity_gco2e_per_kwh,
    min(carbon_intensity_gco2e_per_kwh) as carbon_intensity_lowest_gco2e_per_kwh,
    max(carbon_intensity_gco2e_per_kwh) as carbon_intensity_highest_gco2e_per_kwh,
    count(carbon_intensity_gco2e_per_kwh) as interval_count,
    bool_or(is_estimated) as has_estimates
from fct_grid_carbon_intensity
where interval_minutes <= 60
group by all
order by month desc, grid_zone_id asc, emission_factor_scope asc, source_id asc
limit 20000
