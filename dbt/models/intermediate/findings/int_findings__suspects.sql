-- Runs that their source, or the hand that cited it, calls doubtful. A run that a rule names for
-- the same figures is that rule's finding, with these words behind its own.
with

runs as (
    select * from {{ ref('int_training_runs__resolved') }}
)

select
    'suspect_training_run' as finding_kind,
    'fct_training_runs' as table_name,
    training_run_id as subject,
    1 as finding_count,
    coalesce(suspect_reason_by_source, 'The source calls it doubtful and gives no reason.')
        as detail,
    source_id
from runs
where is_suspect_by_source
