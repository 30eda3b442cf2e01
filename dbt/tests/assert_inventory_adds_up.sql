-- The inventory has all that fct_footprints has of each accounting basis and nothing twice: parts,
-- energy, bounds, and as many unknown parts. Nothing is made zero on the way.
with

footprints as (
    select * from {{ ref('fct_footprints') }}
    where is_widest_boundary and subject_kind in ('training_run', 'inference_use')
),

inventory as (
    select * from {{ ref('rpt_ghg_inventory') }}
),

expected as (
    select
        is_own,
        subject_kind,
        accounting_method,
        intensity_basis,
        emission_factor_scope,
        count(*) as footprint_count,
        count(*) - count(emissions_operational_kgco2e) as unknown_operational_count,
        count(*) - count(emissions_embodied_kgco2e) as unknown_embodied_count,
        count(*) - count(emissions_end_of_life_kgco2e) as unknown_end_of_life_count,
        sum(energy_kwh) as energy_kwh,
        sum(facility_energy_kwh) as facility_energy_kwh,
        sum(emissions_operational_kgco2e) as operational_kgco2e,
        sum(coalesce(emissions_operational_lower_kgco2e, emissions_operational_kgco2e))
            as operational_lower_kgco2e,
        sum(coalesce(emissions_operational_upper_kgco2e, emissions_operational_kgco2e))
            as operational_upper_kgco2e,
        sum(emissions_embodied_kgco2e) as embodied_kgco2e,
        sum(emissions_end_of_life_kgco2e) as end_of_life_kgco2e
    from footprints
    group by all
),

found as (
    select
        is_own,
        subject_kind,
        accounting_method,
        intensity_basis,
        emission_factor_scope,
        sum(footprint_count) filter (where component = 'operational') as footprint_count,
        {% for component in ('operational', 'embodied', 'end_of_life') %}
            sum(unknown_count) filter (where component = '{{ component }}')
                as unknown_{{ component }}_count,
        {% endfor %}
        sum(energy_kwh) as energy_kwh,
        sum(facility_energy_kwh) as facility_energy_kwh,
        sum(emissions_kgco2e) filter (where component in ('operational', 'upstream'))
            as operational_kgco2e,
        sum(emissions_lower_kgco2e) filter (where component in ('operational', 'upstream'))
            as operational_lower_kgco2e,
        sum(emissions_upper_kgco2e) filter (where component in ('operational', 'upstream'))
            as operational_upper_kgco2e,
        sum(emissions_kgco2e) filter (where component = 'embodied') as embodied_kgco2e,
        sum(emissions_kgco2e) filter (where component = 'end_of_life') as end_of_life_kgco2e
    from inventory
    group by all
),

{% set measures = [
    'footprint_count', 'unknown_operational_count', 'unknown_embodied_count',
    'unknown_end_of_life_count', 'energy_kwh', 'facility_energy_kwh', 'operational_kgco2e',
    'operational_lower_kgco2e', 'operational_upper_kgco2e', 'embodied_kgco2e', 'end_of_life_kgco2e',
] %}
{% set keys = [
    'is_own', 'subject_kind', 'accounting_method', 'intensity_basis', 'emission_factor_scope',
] %}

compared as (
    {% for measure in measures %}
        select
            {% for key in keys %}
                coalesce(expected.{{ key }}, found.{{ key }}) as {{ key }},
            {% endfor %}
            '{{ measure }}' as measure,
            cast(expected.{{ measure }} as double) as expected,
            cast(found.{{ measure }} as double) as found
        from expected
        full outer join found
            on
                expected.is_own = found.is_own
                and expected.subject_kind = found.subject_kind
                and expected.accounting_method = found.accounting_method
                and expected.intensity_basis is not distinct from found.intensity_basis
                and expected.emission_factor_scope is not distinct from found.emission_factor_scope
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from compared
where
    (expected is null) <> (found is null)
    or abs(expected - found) > 1e-9 * greatest(abs(expected), abs(found))
