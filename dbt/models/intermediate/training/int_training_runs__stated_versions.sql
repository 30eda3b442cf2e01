-- What publications and tables state of training runs, in all versions. Epoch's row of a model that
-- our own table has got is withdrawn from then on, as in int_training_runs__stated.
with

published as (
    select * exclude (landed_sha256) from {{ ref('stg_seeds__published_training_runs') }}
),

listed as (
    select * from {{ ref('stg_epoch__training_run_versions') }}
),

runs as (
    select * from published
    union all by name
    select * from listed
),

{{ resolved_training_runs('runs', more=['recorded_at', 'is_withdrawn']) }},

better_known as (
    select
        versions.model_id,
        min(versions.recorded_at) as known_since
    from published as versions
    inner join {{ ref('published_training_runs') }} as today
        on versions.model_id = today.model_id
    where not versions.is_withdrawn
    group by versions.model_id
),

with_successor as (
    select
        resolved_runs.*,
        better_known.known_since
    from resolved_runs
    left join better_known
        on
            resolved_runs.source_id <> 'joulehouse-seeds'
            and resolved_runs.model_id = better_known.model_id
),

standing as (
    select * exclude (known_since) from with_successor
    where known_since is null or recorded_at < known_since
),

given_up as (
    select * exclude (known_since) replace (true as is_withdrawn, known_since as recorded_at)
    from with_successor
    where recorded_at < known_since
    qualify row_number() over (partition by training_run_id order by recorded_at desc) = 1
)

select * from standing
union all by name
select * from given_up
