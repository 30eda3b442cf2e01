-- Rows that could not be read, counted by reason.
with

quarantine as (
    select * from {{ source('joulehouse', 'quarantine') }}
)

select
    'quarantined' as finding_kind,
    -- A body that could not be read at all has no table.
    'raw.' || coalesce(nullif(table_name, ''), 'landings') as table_name,
    coalesce(nullif(column_name, ''), 'row') as subject,
    count(*) as finding_count,
    min(quarantined_at) as first_at,
    max(quarantined_at) as last_at,
    reason as detail,
    source_id
from quarantine
group by all
