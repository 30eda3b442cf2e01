-- One row per run of the newest 200.
select
    run_id,
    build_id,
    status,
    as_of,
    published_at,
    duration_s
from meta_builds
order by started_at desc nulls last, run_id desc
limit 200
