-- One row per finding: what was noticed and flagged, never repaired in silence.
select
    finding_id,
    finding_kind,
    severity,
    table_name,
    subject,
    finding_count,
    first_at,
    last_at,
    detail,
    source_id
from meta_findings
order by finding_count desc, finding_id asc
limit 5000
