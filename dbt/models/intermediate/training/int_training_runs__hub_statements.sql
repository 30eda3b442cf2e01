-- What the text of a card states of its training, one row a model: of each kind the surest
-- statement, if there is but one such figure. Two figures of equal weight are none.
{% set least_confidence = 0.8 %}

with

statements as (
    select *
    from {{ ref('stg_huggingface__card_statements') }}
    where confidence >= {{ least_confidence }}
    qualify confidence = max(confidence) over (partition by huggingface_id, kind)
)

select
    huggingface_id,

    case
        when
            count(distinct lower(stated_text)) filter (where kind = 'hardware') = 1
            then min(stated_text) filter (where kind = 'hardware')
    end as hardware,
    case
        when
            count(distinct lower(stated_text)) filter (where kind = 'region') = 1
            then min(stated_text) filter (where kind = 'region')
    end as region,

    case
        when
            count(distinct stated_value) filter (where kind = 'energy') = 1
            then min(stated_value) filter (where kind = 'energy')
    end as energy_kwh,
    case
        when
            count(distinct stated_value) filter (where kind = 'emissions') = 1
            then min(stated_value) filter (where kind = 'emissions')
    end as emissions_gco2e,
    case
        when
            count(distinct stated_value) filter (where kind = 'carbon_intensity') = 1
            then min(stated_value) filter (where kind = 'carbon_intensity')
    end as carbon_intensity_gco2e_per_kwh,
    case
        when
            count(distinct stated_value) filter (where kind = 'duration') = 1
            then min(stated_value) filter (where kind = 'duration')
    end as duration_h,
    case
        when
            count(distinct stated_value) filter (where kind = 'device_hours') = 1
            then min(stated_value) filter (where kind = 'device_hours')
    end as device_hours,
    case
        when
            count(distinct stated_value) filter (where kind = 'pue') = 1
            then min(stated_value) filter (where kind = 'pue')
    end as pue_ratio
from statements
group by huggingface_id
