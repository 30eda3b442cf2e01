-- What model cards declared of their emissions, in all versions of the figure. What else the card
-- and its text say (hardware, hours, place, parameters) is as they say it today, and is not known
-- of a declaration that is gone.
with

-- The Hub's reading of the front matter first; ours where the Hub had none.
declared as (
    select
        *,
        'huggingface:' || huggingface_id
        || case when value_index > 0 then ':' || value_index else '' end as training_run_id
    from {{ ref('stg_huggingface__emission_versions') }}
    qualify
        declared_in = 'card_data'
        or count(*) filter (where declared_in = 'card_data') over (partition by huggingface_id) = 0
),

runs as (
    select * from {{ ref('int_training_runs__hub') }}
)

select
    runs.* replace (
        declared.training_run_id as training_run_id,
        coalesce(runs.model_name, declared.huggingface_id) as model_name,
        coalesce(runs.label_kind, 'declared') as label_kind,
        declared.emissions_gco2e / 1000 as reported_emissions_kgco2e,
        coalesce(runs.source_url, 'https://huggingface.co/' || declared.huggingface_id)
            as source_url,
        declared.source_id as source_id
    ),
    declared.is_withdrawn,
    declared.recorded_at
from declared
left join runs on declared.training_run_id = runs.training_run_id
