with

predictions as (
    select * from {{ source('ml_output', 'predictions') }}
),

versions as (
    select * from {{ source('ml_output', 'model_versions') }}
)

select
    predictions.prediction_id,
    predictions.task,
    predictions.subject_id,
    predictions.method,
    predictions.model_version,

    coalesce(versions.is_champion, false) as is_champion,
    predictions.functional_unit,
    predictions.boundary,
    predictions.label_kind,
    predictions.interval_kind,
    predictions.is_out_of_fold,

    {% for unit, suffix in {'kWh': 'kwh', 'J': 'j_per_token'}.items() %}
        {% for quantity in ('predicted', 'lower', 'upper', 'measured') %}
            case when predictions.unit = '{{ unit }}' then predictions.energy_{{ quantity }} end
                as energy_{{ quantity }}_{{ suffix }},
        {% endfor %}
    {% endfor %}
    predictions.interval_level,
    predictions.energy_predicted / nullif(predictions.energy_measured, 0)
        as predicted_over_measured_ratio,

    predictions.predicted_at
from predictions
left join versions on predictions.model_version = versions.model_version
