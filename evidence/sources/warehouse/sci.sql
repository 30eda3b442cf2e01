-- One row per subject and functional unit, at most 20,000.
select
    subject_kind,
    subject_id,
    coalesce(model_name, 'not known') as model_name,
    functional_unit,
    label_kind,
    footprint_boundary,
    accounting_method,
    intensity_choice,
    intensity_basis,
    emission_factor_scope,
    is_own,
    is_estimated,
    is_suspect,
    unit_count,
    operational_gco2e_per_unit,
    sci_gco2e_per_unit,
    source_id
from rpt_sci
order by subject_kind, functional_unit, sci_gco2e_per_unit, subject_id
limit 20000
