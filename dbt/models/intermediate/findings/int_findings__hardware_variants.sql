-- One row per accelerator: its form factor and memory as the name has them, and the variants of the
-- same card (H100 SXM, PCIe and NVL are one card). A base of the rules, not a rule.
with

hardware as (
    select
        *,
        lower(hardware_name) as lower_name
    from {{ ref('dim_hardware') }}
    where hardware_kind <> 'cpu'
),

cards as (
    select
        hardware_id,
        hardware_name,
        tdp_w,
        memory_gb,
        {{ form_factor('lower_name') }} as form_factor,
        regexp_replace(
            lower_name,
            '\b(sxm\d?|pci-?e|pcle|nvl|oam|dgxs|\d+ ?gb|nvidia|amd|geforce|tesla|instinct|radeon)\b'
            || '|[^a-z0-9]',
            '',
            'g'
        ) as card
    from hardware
)

select
    cards.hardware_id,
    cards.hardware_name,
    cards.card,
    cards.form_factor,
    cards.tdp_w,
    cards.memory_gb,
    coalesce(
        list(
            struct_pack(
                hardware_name := others.hardware_name,
                tdp_w := others.tdp_w,
                memory_gb := others.memory_gb,
                form_factor := others.form_factor
            ) order by starts_with(others.hardware_id, 'epoch-'), others.hardware_id
        ) filter (where others.hardware_id is not null),
        []
    ) as variants
from cards
left join cards as others
    on cards.card = others.card and cards.hardware_id <> others.hardware_id
group by all
