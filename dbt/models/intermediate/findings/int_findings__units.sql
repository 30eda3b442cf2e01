-- A column in which one source writes another unit: its median lies about a thousand times beside
-- that of the others.
{#
    (2026-11-22) A factor of 1,000 within 2: no two sources of one of these quantities differ so in
    truth. At least three rows each, so that one odd row is no unit. Quantities that depend on the
    size of what is measured (the energy of a run) are not compared.
#}
{% set thousand = [500, 2000] %}
{% set least_rows = 3 %}
{% set columns = [
    ('fct_training_runs', 'energy_kwh_per_device_hour', 'kWh/h'),
    ('fct_training_runs', 'reported_carbon_intensity_gco2e_per_kwh', 'gCO2e/kWh'),
    ('fct_training_runs', 'average_power_w', 'W'),
    ('fct_inference_benchmarks', 'energy_j_per_token', 'J'),
    ('fct_cloud_region_years', 'location_based_gco2e_per_kwh', 'gCO2e/kWh'),
] %}
{% set figures = [
    ('peak_fp32_flop_per_s', 'FLOP/s'),
    ('peak_fp16_flop_per_s', 'FLOP/s'),
    ('memory_gb', 'GB'),
    ('memory_bandwidth_gb_per_s', 'GB/s'),
    ('tdp_w', 'W'),
] %}

with

{% for table, column, unit in columns %}
    of_{{ table }}_{{ loop.index }} as (
        select
            '{{ table }}' as table_name,
            '{{ column }}' as subject,
            '{{ unit }}' as unit,
            source_id,
            '' as part,
            {{ column }} as figure
        from {{ ref(table) }}
        where {{ column }} > 0
    ),
{% endfor %}

of_grid as (
    select
        'fct_grid_carbon_intensity' as table_name,
        'carbon_intensity_gco2e_per_kwh' as subject,
        'gCO2e/kWh' as unit,
        source_id,
        emission_factor_scope as part,
        median(carbon_intensity_gco2e_per_kwh) as figure
    from {{ ref('fct_grid_carbon_intensity') }}
    where carbon_intensity_gco2e_per_kwh > 0 and intensity_basis = 'average'
    group by source_id, emission_factor_scope, grid_zone_id
),

hardware as (
    select
        *,
        case when hardware_kind = 'cpu' then 'cpu' else 'accelerator' end as part
    from {{ ref('dim_hardware') }}
),

of_hardware as (
    {% for column, unit in figures %}
        select
            'dim_hardware' as table_name,
            '{{ column }}' as subject,
            '{{ unit }}' as unit,
            source_id,
            part,
            {{ column }} as figure
        from hardware
        where {{ column }} > 0
        {{ "union all" if not loop.last }}
    {% endfor %}
),

stated as (
    {% for table, column, unit in columns %}
        select * from of_{{ table }}_{{ loop.index }}
        union all
    {% endfor %}
    select * from of_grid
    union all
    select * from of_hardware
),

medians as (
    select
        table_name,
        subject,
        unit,
        part,
        source_id,
        median(figure) as median_figure,
        count(*) as row_count
    from stated
    group by table_name, subject, unit, part, source_id
    having count(*) >= {{ least_rows }}
),

-- Of two sources either may be wrong: the one with fewer rows is named.
beside as (
    select
        medians.*,
        others.median_figure as other_median,
        others.row_count as other_count,
        medians.median_figure / others.median_figure as ratio
    from medians
    inner join medians as others
        on
            medians.table_name = others.table_name
            and medians.subject = others.subject
            and medians.part = others.part
            and medians.source_id <> others.source_id
            and (medians.row_count, medians.source_id) < (others.row_count, others.source_id)
)

select
    'mixed_units' as finding_kind,
    table_name,
    subject || case when part = '' then '' else ' / ' || part end as subject,
    max(row_count) as finding_count,
    any_value(median_figure) as observed_value,
    min(other_median) as expected_lower,
    max(other_median) as expected_upper,
    any_value(unit) as unit,
    'The median of this source is ' || format('{:.3g}', arg_max(ratio, other_count))
    || ' times that of another: another unit, by the look of it.' as detail,
    source_id
from beside
where
    ratio between {{ thousand[0] }} and {{ thousand[1] }}
    or 1 / ratio between {{ thousand[0] }} and {{ thousand[1] }}
group by table_name, subject, part, source_id
