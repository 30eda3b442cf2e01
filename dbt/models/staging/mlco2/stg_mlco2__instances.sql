with

instances as (
    select * from {{ source('mlco2', 'mlco2_instances') }}
    qualify row_number() over (
        partition by provider, id
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
)

select
    provider as cloud_provider,
    id as instance_type,
    gpu,
    source as source_url,
    source_id,
    landed_sha256,
    recorded_at
from instances
