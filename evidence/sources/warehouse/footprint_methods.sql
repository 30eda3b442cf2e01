-- One row per kind of subject and way of accounting. Runs at several boundaries count once.
select
    subject_kind,
    is_own,
    accounting_method,
    intensity_choice,
    intensity_matching,
    intensity_basis,
    emission_factor_scope,
    count(*) as footprint_count,
    count(*) filter (where emissions_operational_kgco2e is null) as unknown_count,
    sum(energy_kwh) / 1000 as energy_mwh,
    sum(emissions_operational_kgco2e) / 1000 as emissions_operational_tco2e,
    sum(emissions_embodied_kgco2e) / 1000 as emissions_embodied_tco2e
from fct_footprints
where subject_kind in ('training_run', 'inference_use') and is_widest_boundary
group by all
order by footprint_count desc, subject_kind asc, accounting_method asc, intensity_choice asc
limit 2000
