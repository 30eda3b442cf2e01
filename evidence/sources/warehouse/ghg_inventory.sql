-- One row per line of the inventory: year, project, who owns the machine, method and component.
select
    inventory_year,
    is_own,
    project,
    ownership,
    subject_kind,
    accounting_method,
    intensity_basis,
    emission_factor_scope,
    component,
    ghg_scope,
    ghg_category_name,
    iso_14064_category,
    esrs_e1_datapoint,
    footprint_count,
    unknown_count,
    energy_kwh / 1000 as energy_mwh,
    emissions_kgco2e / 1000 as emissions_tco2e,
    emissions_lower_kgco2e / 1000 as emissions_lower_tco2e,
    emissions_upper_kgco2e / 1000 as emissions_upper_tco2e
from rpt_ghg_inventory
order by
    inventory_year desc nulls last, is_own desc, emissions_kgco2e desc nulls last, project asc,
    ownership asc, accounting_method asc, component asc
limit 20000
