with

own_spellings as (
    select * from {{ ref('int_models__spellings') }}
),

listed as (
    select * from {{ ref('int_models__listed') }}
),

served_names as (
    select * from {{ ref('stg_ecologits__model_aliases') }}
),

others as (
    select * from {{ ref('int_models__others') }}
),

spellings as (
    select
        model_alias,
        model_id,
        is_ambiguous,
        1 as preference
    from own_spellings

    union all

    select
        unnest([full_alias, short_alias]) as model_alias,
        model_id,
        false as is_ambiguous,
        2 as preference
    from listed

    union all

    select
        {{ function('normalize_name') }}(name := served_names.model_alias) as model_alias,
        listed.model_id,
        false as is_ambiguous,
        3 as preference
    from served_names
    inner join listed on served_names.ecologits_model_id = listed.ecologits_model_id

    union all

    select
        unnest(model_aliases) as model_alias,
        model_id,
        false as is_ambiguous,
        4 as preference
    from others
)

select
    model_alias,
    model_id,
    is_ambiguous
from spellings
where model_alias is not null
qualify row_number() over (partition by model_alias order by preference, model_id) = 1
