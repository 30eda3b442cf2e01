-- The errors in natural units have a column for each unit, because a kilowatt-hour of a training
-- run and a joule of an output token cannot be compared.
with

scores as (
    select * from {{ source('ml_output', 'method_scores') }}
),

versions as (
    select * from {{ source('ml_output', 'model_versions') }}
)

select
    scores.task,
    scores.method,
    scores.split,
    scores.slice_name,
    scores.slice_value,
    scores.model_version,

    scores.method_kind,
    coalesce(versions.is_champion, false) as is_champion,
    scores.label_kinds,
    scores.boundary,
    scores.interval_kind,

    scores.mae_log,
    scores.rmse_log,
    scores.r2_log,
    scores.r2,
    case when scores.unit = 'kWh' then scores.mae end as mae_kwh,
    case when scores.unit = 'kWh' then scores.rmse end as rmse_kwh,
    case when scores.unit = 'J' then scores.mae end as mae_j_per_token,
    case when scores.unit = 'J' then scores.rmse end as rmse_j_per_token,
    scores.median_factor_error,
    scores.p90_factor_error,
    scores.within_1_5x_share,
    scores.within_2x_share,
    scores.bias_factor,
    scores.interval_level,
    scores.coverage_share,
    scores.median_interval_ratio,
    scores.row_count,
    scores.group_count,

    scores.evaluated_at
from scores
left join versions on scores.model_version = versions.model_version
