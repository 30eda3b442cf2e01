-- Runs that a publication or a table states: our own cited table, and Epoch's. Names are resolved
-- by their spellings. A training that our own table has is better known there: Epoch's row of the
-- same model is left out.
with

published as (
    select
        *,
        'joulehouse-seeds' as source_id
    from {{ ref('published_training_runs') }}
),

listed as (
    select * from {{ ref('stg_epoch__training_runs') }}
),

runs as (
    select * from published
    union all by name
    select * from listed
),

{{ resolved_training_runs('runs') }}

select * from resolved_runs
where
    source_id = 'joulehouse-seeds'
    or coalesce(model_id, '') not in (
        select published.model_id from published
        where published.model_id is not null
    )
