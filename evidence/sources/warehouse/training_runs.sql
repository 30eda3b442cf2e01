-- One row per training run, the 5,000 with the most energy; a run without a figure comes last.
select
    runs.training_run_id,
    runs.model_name,
    runs.model_family,
    hardware.hardware_name,
    runs.region,
    runs.label_kind,
    coalesce(runs.boundary, 'not stated') as boundary,
    runs.release_date,
    runs.parameters_total / 1e9 as parameters_total_billion,
    runs.device_hours,
    runs.energy_kwh / 1000 as energy_mwh,
    runs.energy_kwh_per_billion_parameters,
    runs.reported_emissions_kgco2e / 1000 as reported_emissions_tco2e,
    runs.is_estimated,
    runs.is_truth,
    runs.is_suspect,
    runs.suspect_reason,
    runs.citation,
    runs.source_id,
    case when runs.source_url like 'http%://%' then runs.source_url end as source_url
from fct_training_runs as runs
left join dim_hardware as hardware on runs.hardware_id = hardware.hardware_id
order by runs.energy_kwh desc nulls last, runs.training_run_id asc
limit 5000
