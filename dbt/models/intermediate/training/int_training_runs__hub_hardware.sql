-- What authors write under hardware_used, and what the text of cards states, as a device and a
-- number of them: the longest run of words that is a spelling of a device, and the number before or
-- after it. A TPU slice is named by its cores, of which a chip has two up to v4 and in v5p.
{% set filler = 'gb|nvidia|amd|google|intel|cloud|tesla|geforce|quadro|instinct|gpus?|cards?|of' %}

with

texts as (
    select hardware_used as hardware_text
    from {{ ref('stg_huggingface__declared_emissions') }}
    where hardware_used is not null
    union
    select stated_text as hardware_text
    from {{ ref('stg_huggingface__card_statements') }}
    where kind = 'hardware' and stated_text is not null
),

aliases as (
    select * from {{ ref('dim_hardware_aliases') }}
),

hardware as (
    select * from {{ ref('dim_hardware') }}
),

-- Steps: V100s is several V100 (V100S is a device); signs of multiplication; TTPU; TPUv3 and
-- tpu-v3; 80 GB; 8xA100; x8; and the memory before the device's name goes behind it.
respelt as (
    select
        hardware_text,
        lower(strip_accents(
            regexp_replace(hardware_text, '\b([AVHPTB]\d{1,3}|TPU|GPU)s\b', '\1', 'g')
        )) as text_0
    from texts
),

spaced as (
    select
        hardware_text,
        regexp_replace(regexp_replace(text_0, '[×*]', ' x ', 'g'), '\bttpu', 'tpu', 'g') as text_1
    from respelt
),

parted as (
    select
        hardware_text,
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(text_1, '\btpu\s*-?\s*v\s*(\d)', 'tpu v\1', 'g'),
                    '(\d)\s+g(b|ib)\b', '\1gb', 'g'
                ),
                '\b(\d{1,5})x\s*([a-z])', '\1 x \2', 'g'
            ),
            '\bx(\d{1,5})\b', 'x \1', 'g'
        ) as text_2
    from spaced
),

tokenised as (
    select
        hardware_text,
        regexp_extract_all(
            regexp_replace(
                text_2, '\b(\d{1,3}gb)\s+((?:nvidia |tesla )*[a-z]{1,4}\s?\d{1,4})\b', '\2 \1', 'g'
            ),
            '[a-z0-9]+'
        )[:40] as words
    from parted
),

spellings as (
    select
        hardware_text,
        words,
        first_word,
        word_count,
        array_to_string(words[first_word:first_word + word_count - 1], '') as spelling,
        words[first_word + word_count] as next_word,
        array_to_string(words[:first_word - 1], ' ') as text_before,
        array_to_string(words[first_word + word_count:], ' ') as text_after
    from tokenised
    cross join unnest(range(1, 41)) as firsts (first_word)
    cross join unnest(range(1, 9)) as counts (word_count)
    where first_word + word_count - 1 <= len(words)
),

-- RTX 4070 Ti is no RTX 4070: a word that makes another device of it must be in the spelling.
found as (
    select
        spellings.*,
        aliases.hardware_id,
        hardware.hardware_kind
    from spellings
    inner join aliases on spellings.spelling = aliases.hardware_alias
    inner join hardware on aliases.hardware_id = hardware.hardware_id
    where coalesce(spellings.next_word, '') not in ('ti', 'super', 'laptop', 'mobile', 'maxq', 'd')
    qualify row_number() over (
        partition by spellings.hardware_text
        order by length(spellings.spelling) desc, spellings.first_word
    ) = 1
),

counted as (
    select
        *,
        coalesce(
            try_cast(nullif(regexp_extract(
                text_before, '(?:^| )(\d{1,5})(?: x)?(?: (?:\d{1,3}gb|{{ filler }}))*$', 1
            ), '') as double),
            try_cast(nullif(regexp_extract(
                text_after, '^(?:(?:\d{1,3}gb|sxm\d?|pcie|gpus?|cards?) )*x (\d{1,5})(?: |$)', 1
            ), '') as double)
        ) as stated_count,
        case
            when hardware_kind = 'tpu' or hardware_id like 'google-tpu-%'
                then
                    try_cast(
                        nullif(regexp_extract(text_after, '^(\d{1,5})(?: |$)', 1), '') as double
                    )
        end as slice_size
    from found
)

select
    texts.hardware_text,
    counted.hardware_id,

    case
        when counted.slice_size is not null
            then
                coalesce(counted.stated_count, 1) * counted.slice_size
                / case
                    when regexp_matches(counted.hardware_id, 'tpu-(v[234]|v5p)$') then 2 else 1
                end
        when counted.hardware_text is not null then counted.stated_count
        else
            try_cast(nullif(regexp_extract(
                lower(texts.hardware_text), '^\W*(\d{1,4})\s*(?:x\s*|×\s*|\*\s*|\s)[a-z]', 1
            ), '') as double)
    end as hardware_count,
    try_cast(nullif(regexp_extract(
        lower(texts.hardware_text), '(\d+(?:\.\d+)?)\s*(?:hours?|hrs?|h)\b', 1
    ), '') as double) as duration_h
from texts
left join counted on texts.hardware_text = counted.hardware_text
