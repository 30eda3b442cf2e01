{# Above this share of generation on another fuel's emission factor, an hour is an estimate. #}
{% set proxy_share = 0.1 %}

with

hours as (
    select * from {{ ref('int_grid__hourly_mix') }}
),

years as (
    select * from {{ ref('int_grid__yearly_intensities') }}
)

{% for scope in ('lifecycle', 'direct') %}
    select
        grid_zone_id,
        interval_start_at,
        60 as interval_minutes,
        'average' as intensity_basis,
        '{{ scope }}' as emission_factor_scope,
        'production' as flow_basis,
        {{ scope }}_gco2e_per_kwh as carbon_intensity_gco2e_per_kwh,
        coalesce(proxy_generation_share > {{ proxy_share }}, false) as is_estimated,
        case
            when proxy_generation_share > {{ proxy_share }}
                then 'emission factor of another fuel for more than a tenth of generation'
        end as estimation_method,
        quality_flag,
        source_id,
        recorded_at
    from hours

    union all
{% endfor %}

select
    grid_zone_id,
    interval_start_at,
    interval_minutes,
    intensity_basis,
    emission_factor_scope,
    flow_basis,
    carbon_intensity_gco2e_per_kwh,
    estimation_method is not null as is_estimated,
    estimation_method,
    null as quality_flag,
    source_id,
    recorded_at
from years
