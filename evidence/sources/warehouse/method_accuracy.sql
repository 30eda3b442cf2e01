-- One row per task, method, way of splitting and slice of the held-out rows.
select
    task,
    method,
    method_kind,
    is_champion,
    split,
    slice_name,
    slice_value,
    label_kinds,
    boundary,
    median_factor_error,
    p90_factor_error,
    within_2x_share,
    bias_factor,
    r2_log,
    interval_kind,
    interval_level,
    coverage_share,
    row_count,
    group_count,
    model_version,
    evaluated_at
from fct_method_accuracy
order by task, split, slice_name, slice_value, median_factor_error, method
limit 20000
