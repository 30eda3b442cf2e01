{% set keys = [
    'inventory_year', 'is_own', 'project', 'ownership', 'subject_kind', 'accounting_method',
    'intensity_basis', 'emission_factor_scope',
] %}
{# Each part of a footprint: its figure and its bounds. #}
{% set parts = {
    'operational': (
        'generation_kgco2e', 'generation_lower_kgco2e', 'generation_upper_kgco2e'
    ),
    'upstream': ('upstream_kgco2e', 'upstream_lower_kgco2e', 'upstream_upper_kgco2e'),
    'embodied': (
        'emissions_embodied_kgco2e', 'emissions_embodied_kgco2e', 'emissions_embodied_kgco2e'
    ),
    'end_of_life': (
        'emissions_end_of_life_kgco2e',
        'emissions_end_of_life_kgco2e',
        'emissions_end_of_life_kgco2e'
    ),
} %}

with

-- One row of an activity for each basis: of several measurements of it the widest. A benchmark is
-- an intensity, not an activity.
footprints as (
    select
        * exclude (ownership),
        coalesce(ownership, 'not_stated') as ownership,
        -- What a life-cycle figure has beyond the generation itself is reported elsewhere.
        case when emission_factor_scope = 'lifecycle' then emissions_upstream_kgco2e end
            as upstream_kgco2e,
        case
            when emission_factor_scope = 'direct' or emissions_operational_kgco2e is null then false
            when emission_factor_scope = 'lifecycle' then emissions_upstream_kgco2e is null
        end as has_upstream_inside,
        coalesce(emissions_operational_lower_kgco2e, emissions_operational_kgco2e)
            as operational_lower_kgco2e,
        coalesce(emissions_operational_upper_kgco2e, emissions_operational_kgco2e)
            as operational_upper_kgco2e
    from {{ ref('fct_footprints') }}
    where is_widest_boundary and subject_kind in ('training_run', 'inference_use')
),

mapping as (
    select * from {{ ref('ghg_mapping') }}
),

-- The bounds of the whole are shared out as the figure is.
with_shares as (
    select
        *,
        case
            when emissions_operational_kgco2e > 0
                then upstream_kgco2e / emissions_operational_kgco2e
            else upstream_kgco2e
        end as upstream_share
    from footprints
),

with_parts as (
    select
        *,
        emissions_operational_kgco2e - coalesce(upstream_kgco2e, 0) as generation_kgco2e,
        operational_lower_kgco2e * (1 - coalesce(upstream_share, 0)) as generation_lower_kgco2e,
        operational_upper_kgco2e * (1 - coalesce(upstream_share, 0)) as generation_upper_kgco2e,
        operational_lower_kgco2e * upstream_share as upstream_lower_kgco2e,
        operational_upper_kgco2e * upstream_share as upstream_upper_kgco2e
    from with_shares
),

-- Millions of requests are added up once, and then taken apart.
sums as (
    select
        {% for key in keys %}
            {{ key }},
        {% endfor %}
        has_upstream_inside,
        {% for part, (figure, lower, upper) in parts.items() %}
            count(*) - count({{ figure }}) as {{ part }}_unknown_count,
            sum({{ figure }}) as {{ part }}_figure_kgco2e,
            sum({{ lower }}) as {{ part }}_lower_bound_kgco2e,
            sum({{ upper }}) as {{ part }}_upper_bound_kgco2e,
        {% endfor %}
        count(*) as footprint_count,
        sum(energy_kwh) as energy_kwh,
        sum(facility_energy_kwh) as facility_energy_kwh
    from with_parts
    group by all
),

taken_apart as (
    {% for part in parts %}
        select
            {% for key in keys %}
                {{ key }},
            {% endfor %}
            '{{ part }}' as component,
            {{ 'has_upstream_inside' if part == 'operational' else 'cast(null as boolean)' }}
                as is_upstream_included,
            footprint_count,
            {{ part }}_unknown_count as unknown_count,
            {{ 'energy_kwh' if part == 'operational' else 'null' }} as energy_kwh,
            {{ 'facility_energy_kwh' if part == 'operational' else 'null' }} as facility_energy_kwh,
            {{ part }}_figure_kgco2e as emissions_kgco2e,
            {{ part }}_lower_bound_kgco2e as emissions_lower_kgco2e,
            {{ part }}_upper_bound_kgco2e as emissions_upper_kgco2e
        from sums
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

lines as (
    select
        {% for key in keys %}
            {{ key }},
        {% endfor %}
        component,
        is_upstream_included,
        sum(footprint_count) as footprint_count,
        sum(unknown_count) as unknown_count,
        {{ to_twelve_digits('sum(energy_kwh)') }} as energy_kwh,
        {{ to_twelve_digits('sum(facility_energy_kwh)') }} as facility_energy_kwh,
        {{ to_twelve_digits('sum(emissions_kgco2e)') }} as emissions_kgco2e,
        {{ to_twelve_digits('sum(emissions_lower_kgco2e)') }} as emissions_lower_kgco2e,
        {{ to_twelve_digits('sum(emissions_upper_kgco2e)') }} as emissions_upper_kgco2e
    from taken_apart
    group by all
)

-- A marginal intensity answers what a decision changes: no inventory may have it. An empty cell of
-- the seed may come as text without a character.
select
    lines.inventory_year,
    lines.is_own,
    lines.project,
    lines.ownership,
    lines.subject_kind,
    lines.accounting_method,
    lines.intensity_basis,
    lines.emission_factor_scope,
    lines.component,
    lines.is_upstream_included,

    {% for column in (
        'ghg_scope', 'ghg_category_name', 'iso_14064_category', 'esrs_e1_datapoint'
    ) %}
        case
            when lines.intensity_basis = 'marginal' then 'outside_inventory'
            else mapping.{{ column }}
        end as {{ column }},
    {% endfor %}
    case
        when coalesce(lines.intensity_basis, 'average') <> 'marginal'
            then nullif(mapping.esrs_e1_energy_datapoint, '')
    end as esrs_e1_energy_datapoint,

    cast(lines.footprint_count as bigint) as footprint_count,
    cast(lines.unknown_count as bigint) as unknown_count,
    lines.energy_kwh,
    lines.facility_energy_kwh,
    lines.emissions_kgco2e,
    lines.emissions_lower_kgco2e,
    lines.emissions_upper_kgco2e
from lines
left join mapping
    on
        lines.ownership = mapping.ownership
        and lines.accounting_method = mapping.accounting_method
        and lines.component = mapping.component
