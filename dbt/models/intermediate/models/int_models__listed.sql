-- EcoLogits' models with the key that they have here: that of our own table where a spelling of it
-- is the same model, else a key of their own.
with

listed as (
    select
        *,
        {{ function('normalize_name') }}(name := model_name) as full_alias,
        {{ function('normalize_name') }}(name := split_part(model_name, '/', -1)) as short_alias
    from {{ ref('stg_ecologits__models') }}
),

spellings as (
    select * from {{ ref('int_models__spellings') }}
)

select
    listed.*,
    coalesce(by_full_name.model_id, by_short_name.model_id) as own_model_id,
    coalesce(by_full_name.model_id, by_short_name.model_id, listed.ecologits_model_id) as model_id
from listed
left join spellings as by_full_name on listed.full_alias = by_full_name.model_alias
left join spellings as by_short_name on listed.short_alias = by_short_name.model_alias
