select
    run_id,
    build_id,
    status,
    as_of,
    started_at,
    published_at,
    duration_s,
    nullif(error, '') as error
from {{ source('joulehouse', 'builds') }}
