-- One row per figure, project and period, with its target where one is set.
select
    kpi_id,
    kpi_name,
    project,
    period,
    period_start_date,
    period_end_date,
    kpi_value,
    unit,
    target_value,
    is_upper_bound,
    target_reference,
    is_target_met,
    row_count,
    unknown_count,
    suspect_count,
    description,
    formula
from rpt_kpis
order by kpi_id asc, project asc nulls first, period_end_date desc nulls last
limit 5000
