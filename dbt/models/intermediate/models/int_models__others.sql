-- Models that neither our own table nor EcoLogits knows: ML.ENERGY's, then Epoch's.
with

known as (
    select model_alias from {{ ref('int_models__spellings') }}
    union
    select unnest([full_alias, short_alias]) as model_alias
    from {{ ref('int_models__listed') }}
),

measured as (
    select
        'ml-energy:' || huggingface_id as model_id,
        model_name,
        publisher,
        architecture,
        huggingface_id,
        parameters_total,
        parameters_active,
        source_id,
        1 as preference,
        [huggingface_id, split_part(huggingface_id, '/', 2), model_name] as spellings
    from {{ ref('stg_mlenergy__models') }}
),

notable as (
    select
        epoch_model_id as model_id,
        model_name,
        publisher,
        modality,
        release_date,
        parameters_total,
        is_parameters_estimated,
        source_id,
        source_url,
        2 as preference,
        [model_name] as spellings
    from {{ ref('stg_epoch__models') }}
),

candidates as (
    select * from measured
    union all by name
    select * from notable
),

unnested as (
    select
        model_id,
        preference,
        release_date,
        unnest(spellings) as spelling
    from candidates
),

spelled as (
    select
        model_id,
        preference,
        release_date,
        {{ function('normalize_name') }}(name := spelling) as model_alias
    from unnested
),

aliases as (
    select
        model_id,
        list(distinct model_alias) as model_aliases
    from spelled
    where model_alias is not null
    group by model_id
),

-- One spelling names one model, and a model of which a spelling is taken is the one that has it.
owners as (
    select
        model_alias,
        model_id
    from spelled
    where model_alias is not null
    qualify row_number() over (
        partition by model_alias
        order by preference, release_date nulls last, model_id
    ) = 1
),

taken as (
    select spelled.model_id
    from spelled
    left join known on spelled.model_alias = known.model_alias
    left join owners on spelled.model_alias = owners.model_alias
    where known.model_alias is not null or owners.model_id <> spelled.model_id
)

select
    candidates.model_id,

    candidates.model_name,
    candidates.publisher,
    candidates.architecture,
    candidates.modality,
    candidates.release_date,
    candidates.huggingface_id,

    candidates.parameters_total,
    case
        when candidates.parameters_active <= candidates.parameters_total
            then candidates.parameters_active
    end as parameters_active,
    candidates.is_parameters_estimated,

    aliases.model_aliases,
    candidates.source_id,
    candidates.source_url
from candidates
inner join aliases on candidates.model_id = aliases.model_id
where candidates.model_id not in (select taken.model_id from taken)
