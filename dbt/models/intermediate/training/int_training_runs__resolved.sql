-- Every training run of every source, in one form.
with

stated as (
    select * from {{ ref('int_training_runs__stated') }}
),

declared as (
    select * from {{ ref('int_training_runs__hub') }}
),

own as (
    select * from {{ ref('int_training_runs__own') }}
)

select * from stated
union all by name
select * from declared
union all by name
select * from own
