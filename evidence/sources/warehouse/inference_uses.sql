-- One row per month, project, model and kind of label of the imported inference uses.
select
    date_trunc('month', started_at)::date as month,
    coalesce(project, 'no project') as project,
    coalesce(model_name, 'not known') as model_name,
    label_kind,
    coalesce(boundary, 'not stated') as boundary,
    is_estimated,
    source_id,
    count(*) as use_count,
    count(*) filter (where energy_kwh is null) as unknown_count,
    sum(request_count) as request_count,
    sum(output_tokens) as output_tokens,
    sum(energy_kwh) as energy_kwh
from fct_inference_uses
group by all
order by month desc nulls last, energy_kwh desc nulls last, project asc, model_name asc
limit 5000
