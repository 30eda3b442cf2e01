-- One row per source, table, column and reason of the rows that were set aside.
select
    source_id,
    table_name,
    column_name,
    reason,
    count(*) as row_count,
    max(quarantined_at) as last_quarantined_at
from meta_quarantine
group by all
order by row_count desc, source_id asc, table_name asc, column_name asc, reason asc
limit 2000
