-- Every spelling of a model that our own table knows, in its normal form. Where one spelling could
-- mean two models, the first of these lists that has it decides.
with

models as (
    select * from {{ ref('models') }}
),

spellings as (
    select
        model_alias as spelling,
        model_id,
        is_ambiguous,
        1 as preference
    from {{ ref('model_aliases') }}

    union all

    select
        model_name as spelling,
        model_id,
        false as is_ambiguous,
        2 as preference
    from models

    union all

    select
        model_id as spelling,
        model_id,
        false as is_ambiguous,
        3 as preference
    from models

    union all

    select
        unnest([huggingface_id, split_part(huggingface_id, '/', 2)]) as spelling,
        model_id,
        false as is_ambiguous,
        4 as preference
    from models
),

normalised as (
    select
        {{ function('normalize_name') }}(name := spelling) as model_alias,
        model_id,
        is_ambiguous,
        preference
    from spellings
)

select
    model_alias,
    model_id,
    is_ambiguous
from normalised
where model_alias is not null
qualify row_number() over (partition by model_alias order by preference, model_id) = 1
