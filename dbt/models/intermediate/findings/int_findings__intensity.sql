-- Intensities that no electricity has, wherever one is stated.
{#
    (2026-11-22) Over its life no grid's electricity emits less than 5 g/kWh (wind and hydropower are
    11 and 24 in IPCC AR5, nuclear 12; the cleanest years of the cleanest grids are above 10) nor more
    than 1,300 (lignite alone is about 1,100 to 1,300). At the stack nought is right, so that direct
    and market-based figures have no lower bound; marginal ones neither.
#}
{% set grid = plausible_grid_gco2e_per_kwh() %}

with

runs as (
    select * from {{ ref('fct_training_runs') }}
),

region_years as (
    select * from {{ ref('fct_cloud_region_years') }}
),

intensities as (
    select * from {{ ref('fct_grid_carbon_intensity') }}
),

{% set stated_columns = [
    'location_based_gco2e_per_kwh',
    'average_consumption_gco2e_per_kwh',
    'average_production_gco2e_per_kwh',
] %}
of_regions as (
    {% for column in stated_columns %}
        select
            cloud_provider || ':' || cloud_region as subject,
            '{{ column }}' as column_name,
            {{ column }} as stated_gco2e_per_kwh,
            year,
            source_id
        from region_years
        where not {{ column }} between {{ grid[0] }} and {{ grid[1] }}
        {{ "union all" if not loop.last }}
    {% endfor %}
),

of_grid as (
    select
        grid_zone_id as subject,
        case
            when
                emission_factor_scope = 'lifecycle' and intensity_basis = 'average'
                then {{ grid[0] }}
            else 0
        end as expected_lower,
        interval_start_at,
        carbon_intensity_gco2e_per_kwh,
        source_id
    from intensities
    where
        quality_flag is null
        and (
            carbon_intensity_gco2e_per_kwh > {{ grid[1] }}
            or carbon_intensity_gco2e_per_kwh < 0
            or (
                carbon_intensity_gco2e_per_kwh < {{ grid[0] }}
                and emission_factor_scope = 'lifecycle' and intensity_basis = 'average'
            )
        )
),

found as (
    select
        'fct_training_runs' as table_name,
        training_run_id as subject,
        1 as finding_count,
        cast(null as timestamp) as first_at,
        cast(null as timestamp) as last_at,
        reported_carbon_intensity_gco2e_per_kwh as observed_value,
        {{ grid[0] }} as expected_lower,
        'stated with the run' as stated_as,
        source_id
    from runs
    where not reported_carbon_intensity_gco2e_per_kwh between {{ grid[0] }} and {{ grid[1] }}

    union all by name

    select
        'fct_cloud_region_years' as table_name,
        subject,
        count(*) as finding_count,
        min(make_timestamp(year, 1, 1, 0, 0, 0)) as first_at,
        max(make_timestamp(year, 1, 1, 0, 0, 0)) as last_at,
        arg_max(stated_gco2e_per_kwh, abs(ln(greatest(stated_gco2e_per_kwh, 1e-9) / 100)))
            as observed_value,
        {{ grid[0] }} as expected_lower,
        string_agg(distinct column_name, ', ' order by column_name) as stated_as,
        source_id
    from of_regions
    group by subject, source_id

    union all by name

    select
        'fct_grid_carbon_intensity' as table_name,
        subject,
        count(*) as finding_count,
        min(interval_start_at) as first_at,
        max(interval_start_at) as last_at,
        arg_max(
            carbon_intensity_gco2e_per_kwh,
            abs(ln(greatest(carbon_intensity_gco2e_per_kwh, 1e-9) / 100))
        ) as observed_value,
        max(expected_lower) as expected_lower,
        'of the zone' as stated_as,
        source_id
    from of_grid
    group by subject, source_id
)

select
    'intensity_outside_bounds' as finding_kind,
    table_name,
    subject,
    finding_count,
    first_at,
    last_at,
    observed_value,
    expected_lower,
    {{ grid[1] }} as expected_upper,
    'gCO2e/kWh' as unit,
    format('{:.4g}', observed_value) || ' gCO2e/kWh (' || stated_as || ')'
    || case
        when observed_value <= 0 then ': no electricity has none over its life.'
        when observed_value * 1000 between 20 and 1100 and observed_value < 1.2
            then ': kilograms, by the look of it.'
        when observed_value / 1000 between 20 and 1100 then ': milligrams, by the look of it.'
        else ', which no grid has over a year.'
    end as detail,
    source_id
from found
