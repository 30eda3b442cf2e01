with

catalogue as (
    select * from {{ ref('int_hardware__catalogue') }}
),

seed_aliases as (
    select * from {{ ref('hardware_aliases') }}
),

-- Where one spelling could mean two devices, the first of these lists that knows it decides.
spellings as (
    select
        hardware_alias as spelling,
        hardware_id,
        is_ambiguous,
        1 as preference
    from seed_aliases

    union all

    select
        hardware_name as spelling,
        hardware_id,
        false as is_ambiguous,
        2 as preference
    from catalogue

    union all

    select
        hardware_id as spelling,
        hardware_id,
        false as is_ambiguous,
        3 as preference
    from catalogue

    union all

    select
        catalogue.vendor || seed_aliases.hardware_alias as spelling,
        seed_aliases.hardware_id,
        seed_aliases.is_ambiguous,
        4 as preference
    from seed_aliases
    inner join catalogue on seed_aliases.hardware_id = catalogue.hardware_id
),

normalised as (
    select
        {{ function('normalize_name') }}(name := spelling) as hardware_alias,
        hardware_id,
        is_ambiguous,
        preference
    from spellings
)

select
    hardware_alias,
    hardware_id,
    is_ambiguous
from normalised
where hardware_alias is not null
qualify row_number() over (partition by hardware_alias order by preference, hardware_id) = 1
