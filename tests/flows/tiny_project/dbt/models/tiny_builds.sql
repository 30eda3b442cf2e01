select build_id, status from {{ source('joulehouse', 'builds') }}
