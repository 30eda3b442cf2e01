-- One row per source, with its licence and when it last gave something.
select
    source_id,
    title,
    publisher,
    case when homepage_url like 'http%://%' then homepage_url end as homepage_url,
    licence,
    citation,
    coalesce(last_state, 'never asked') as last_state,
    last_success_at,
    row_count,
    quarantined_count
from meta_sources
order by source_id
limit 1000
