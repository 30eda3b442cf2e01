{# From one stage to the next, one thing is taken as it was known later. #}
with

{% for stage, instants in (
    ('before', 'a, a, a'),
    ('other_activities', 'b, a, a'),
    ('other_factors', 'b, b, a'),
    ('after', 'b, b, b'),
) %}
    {{ stage }}_rows as (
        select * from {{ function('footprints_under') }}({{ instants }})
        where is_primary or (accounting_method = 'market_based' and is_widest_boundary)
    ),

    {{ stage }}_parts as (
        {% for component in ('operational', 'embodied', 'end_of_life') %}
            select
                subject_kind,
                activity_id,
                accounting_method,
                '{{ component }}' as component,
                label_kind,
                boundary,
                functional_unit,
                estimation_method,
                energy_kwh,
                carbon_intensity_gco2e_per_kwh,
                intensity_source,
                project,
                inventory_year,
                emissions_{{ component }}_kgco2e as emissions_kgco2e
            from {{ stage }}_rows
            {{ 'union all' if not loop.last }}
        {% endfor %}
    ),
{% endfor %}

keys as (
    {% for stage in ('before', 'other_activities', 'other_factors', 'after') %}
        select subject_kind, activity_id, accounting_method, component from {{ stage }}_parts
        {{ 'union' if not loop.last }}
    {% endfor %}
),

joined as (
    select
        keys.*,
        coalesce(after_parts.project, before_parts.project) as project,
        coalesce(after_parts.inventory_year, before_parts.inventory_year) as inventory_year,
        before_parts.activity_id is null as is_added,
        after_parts.activity_id is null as is_removed,
        before_parts.energy_kwh as energy_before_kwh,
        after_parts.energy_kwh as energy_after_kwh,
        before_parts.carbon_intensity_gco2e_per_kwh as carbon_intensity_before_gco2e_per_kwh,
        after_parts.carbon_intensity_gco2e_per_kwh as carbon_intensity_after_gco2e_per_kwh,
        before_parts.intensity_source as intensity_source_before,
        after_parts.intensity_source as intensity_source_after,
        before_parts.emissions_kgco2e as emissions_before_kgco2e,
        after_parts.emissions_kgco2e as emissions_after_kgco2e,
        coalesce(before_parts.emissions_kgco2e, 0) as before_kgco2e,
        coalesce(other_activities_parts.emissions_kgco2e, 0) as other_activities_kgco2e,
        coalesce(other_factors_parts.emissions_kgco2e, 0) as other_factors_kgco2e,
        coalesce(after_parts.emissions_kgco2e, 0) as after_kgco2e,
        -- An energy figure that was made in another way is another method, not another activity.
        before_parts.activity_id is not null
        and other_activities_parts.activity_id is not null
        and (
            before_parts.label_kind is distinct from other_activities_parts.label_kind
            or before_parts.boundary is distinct from other_activities_parts.boundary
            or before_parts.functional_unit is distinct from other_activities_parts.functional_unit
            or before_parts.estimation_method
            is distinct from other_activities_parts.estimation_method
        ) as is_made_otherwise
    from keys
    {% for stage in ('before', 'other_activities', 'other_factors', 'after') %}
        left join {{ stage }}_parts
            on
                keys.subject_kind = {{ stage }}_parts.subject_kind
                and keys.activity_id = {{ stage }}_parts.activity_id
                and keys.accounting_method = {{ stage }}_parts.accounting_method
                and keys.component = {{ stage }}_parts.component
    {% endfor %}
)

select
    subject_kind,
    activity_id,
    project,
    inventory_year,
    accounting_method,
    component,
    is_added,
    is_removed,
    energy_before_kwh,
    energy_after_kwh,
    carbon_intensity_before_gco2e_per_kwh,
    carbon_intensity_after_gco2e_per_kwh,
    intensity_source_before,
    intensity_source_after,
    emissions_before_kgco2e,
    emissions_after_kgco2e,
    after_kgco2e - before_kgco2e as difference_kgco2e,
    -- What is new, or gone, differs because the activity is.
    case
        when is_added or is_removed then after_kgco2e - before_kgco2e
        when is_made_otherwise then 0
        else other_activities_kgco2e - before_kgco2e
    end as difference_by_activity_kgco2e,
    case
        when is_added or is_removed then 0
        else other_factors_kgco2e - other_activities_kgco2e
    end as difference_by_factor_kgco2e,
    case
        when is_added or is_removed then 0
        when is_made_otherwise
            then after_kgco2e - other_factors_kgco2e + other_activities_kgco2e - before_kgco2e
        else after_kgco2e - other_factors_kgco2e
    end as difference_by_method_kgco2e
from joined
where
    emissions_before_kgco2e is distinct from emissions_after_kgco2e
    or is_added
    or is_removed
