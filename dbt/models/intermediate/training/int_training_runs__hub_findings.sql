-- What is wrong with the Hub's declarations, counted by kind: a row a model would be thousands.
with

declared as (
    select * from {{ ref('stg_huggingface__declared_emissions') }}
),

hub_models as (
    select * from {{ ref('stg_huggingface__models') }}
),

cards as (
    select * from {{ ref('stg_huggingface__cards') }}
),

runs as (
    select * from {{ ref('int_training_runs__hub') }}
),

subjects as (
    select
        'hub_no_value' as finding_kind,
        case when contains(flags, 'placeholder') then 'placeholder' else 'no value' end as subject,
        'A declaration without a figure: kept with a null, and no training run.' as detail,
        source_id
    from declared
    where emissions_gco2e is null

    union all

    select
        'hub_card_not_read' as finding_kind,
        'huggingface_cards' as subject,
        'Cards of listed models that wait to be read, a number a run.' as detail,
        hub_models.source_id
    from hub_models
    left join cards on hub_models.huggingface_id = cards.huggingface_id
    where hub_models.is_tagged and (cards.sha is null or cards.sha <> hub_models.sha)

    union all

    select
        'hub_card_' || state as finding_kind,
        'huggingface_cards' as subject,
        'Cards that were asked for and not given.' as detail,
        source_id
    from cards
    where state <> 'read'

    union all

    select
        'hub_front_matter_' || front_matter as finding_kind,
        'huggingface_cards' as subject,
        'The Hub cannot read this front matter; what it declares was read from the card.' as detail,
        source_id
    from cards
    where front_matter in ('broken', 'late')

    union all

    select
        'hub_' || flag as finding_kind,
        'label_flags' as subject,
        case flag
            when 'other_unit' then 'Declared in another unit than grams, which the text names.'
            when 'grouped_digits' then 'A comma was read as one between thousands.'
            when 'approximate' then 'The author says that it is approximate.'
            when 'zero' then 'Declared as zero.'
            when 'autotrain' then 'Written by AutoTrain itself, for training only.'
            when 'corrected_by_1000' then 'Corrected by its author from kilograms to grams.'
            when 'parameters_from_name' then 'Parameters guessed from the name.'
        end as detail,
        source_id
    from runs
    cross join unnest(string_split(label_flags, '; ')) as flagged (flag)
    -- Those that make a run suspect are findings of that run.
    where detail is not null

    union all

    select
        'unresolved_model' as finding_kind,
        'models of the Hub' as subject,
        'Declared on the Hub by models that dim_models does not have.' as detail,
        source_id
    from runs
    where model_id is null
)

select
    finding_kind,
    'fct_training_runs' as table_name,
    subject,
    count(*) as finding_count,
    detail,
    any_value(source_id) as source_id
from subjects
group by finding_kind, subject, detail
