select
    source_id,
    landed_sha256,
    table_name,
    location,
    column_name,
    offending_value,
    reason,
    quarantined_at,
    run_id
from {{ source('joulehouse', 'quarantine') }}
