with

newest as (
    select * from {{ ref('stg_epoch__training_run_versions') }}
    qualify row_number() over (partition by training_run_id order by recorded_at desc) = 1
)

select * exclude (is_withdrawn) from newest
where not is_withdrawn
