{#
    A key figure is the formula of a sum over a sum, so that a large run counts for more than a
    small one. Of each: the activities that it is about (subjects), what is summed up, and the
    formula over both sums, which is a function of the warehouse.
#}
{% set of_sums = '(%s := numerator, %s := denominator)' %}
{% set kpis = [
    {
        'id': 'energy_total_kwh', 'name': 'Energy', 'unit': 'kWh',
        'numerator': 'energy_kwh', 'value': 'numerator',
        'formula': 'sum of energy_kwh',
        'description': 'Energy of all training runs and uses, within the boundary of each figure',
    },
    {
        'id': 'facility_energy_total_kwh', 'name': 'Energy with the overhead of the building',
        'unit': 'kWh', 'numerator': 'facility_energy_kwh', 'value': 'numerator',
        'formula': 'sum of facility_energy_kwh',
        'description': 'The same with the overhead of the building where it is known',
    },
    {
        'id': 'emissions_operational_kgco2e', 'name': 'Operational emissions, location-based',
        'unit': 'kgCO2e', 'numerator': 'emissions_operational_kgco2e', 'value': 'numerator',
        'formula': 'sum of emissions_operational_kgco2e',
        'description': 'Operational emissions by the grid of the place',
    },
    {
        'id': 'emissions_market_based_kgco2e', 'name': 'Operational emissions, market-based',
        'unit': 'kgCO2e', 'subjects': 'market', 'numerator': 'emissions_operational_kgco2e',
        'value': 'numerator', 'formula': 'sum of emissions_operational_kgco2e',
        'description': 'Operational emissions by what was bought, else by the residual mix',
    },
    {
        'id': 'emissions_embodied_kgco2e', 'name': 'Embodied emissions', 'unit': 'kgCO2e',
        'numerator': 'emissions_embodied_kgco2e', 'value': 'numerator',
        'formula': 'sum of emissions_embodied_kgco2e',
        'description': 'Share of making the hardware, by the time of use',
    },
    {
        'id': 'emissions_total_kgco2e', 'name': 'Emissions, location-based', 'unit': 'kgCO2e',
        'numerator': 'emissions_total_kgco2e', 'value': 'numerator',
        'formula': 'sum of emissions_total_kgco2e',
        'description': 'Operational and embodied emissions, end of life where it is known',
    },
    {
        'id': 'training_energy_kwh_per_epoch', 'name': 'Energy per epoch', 'unit': 'kWh/epoch',
        'subjects': 'training', 'numerator': 'energy_kwh', 'denominator': 'epochs',
        'formula': 'energy_kwh_per_epoch',
        'value': function('energy_kwh_per_epoch') ~ of_sums % ('energy_kwh', 'epochs'),
        'description': 'Energy of training over passes over the data set',
    },
    {
        'id': 'training_energy_kwh_per_billion_parameters', 'name': 'Training energy per parameter',
        'unit': 'kWh/billion', 'subjects': 'training', 'numerator': 'energy_kwh',
        'denominator': 'parameters_total', 'formula': 'energy_kwh_per_billion_parameters',
        'value': function('energy_kwh_per_billion_parameters')
        ~ of_sums % ('energy_kwh', 'parameters_total'),
        'description': 'Energy of training over parameters of the models trained, in billions',
    },
    {
        'id': 'training_energy_j_per_flop', 'name': 'Training energy per FLOP', 'unit': 'J/FLOP',
        'subjects': 'training', 'numerator': 'energy_kwh', 'denominator': 'training_compute_flop',
        'formula': 'energy_j_per_flop',
        'value': function('energy_j_per_flop') ~ of_sums % ('energy_kwh', 'compute_flop'),
        'description': 'Energy of training over its computation',
    },
    {
        'id': 'training_energy_j_per_token', 'name': 'Training energy per token', 'unit': 'J/token',
        'subjects': 'training', 'numerator': 'energy_kwh', 'denominator': 'tokens',
        'formula': 'energy_j_per_token',
        'value': function('energy_j_per_token') ~ of_sums % ('energy_kwh', 'tokens'),
        'description': 'Energy of training over the tokens seen',
    },
    {
        'id': 'training_gco2e_per_flop', 'name': 'Training carbon per FLOP', 'unit': 'gCO2e/FLOP',
        'subjects': 'training', 'numerator': 'emissions_operational_kgco2e',
        'denominator': 'training_compute_flop', 'formula': 'gco2e_per_flop',
        'value': function('gco2e_per_flop') ~ of_sums % ('emissions_kgco2e', 'compute_flop'),
        'description': 'Operational emissions of training over its computation',
    },
    {
        'id': 'training_gco2e_per_model', 'name': 'Training carbon per model',
        'unit': 'gCO2e/model', 'subjects': 'training', 'numerator': 'emissions_operational_kgco2e',
        'counted': 'coalesce(model_id, model_name)', 'formula': 'emissions_gco2e_per_unit',
        'value': function('emissions_gco2e_per_unit')
        ~ '(emissions_kgco2e := numerator, unit_count := denominator)',
        'description': 'Operational emissions of training over the models trained',
    },
    {
        'id': 'inference_energy_wh_per_request', 'name': 'Energy per request',
        'unit': 'Wh/request', 'subjects': 'inference', 'numerator': 'energy_kwh',
        'denominator': 'request_count', 'formula': 'energy_wh_per_request',
        'value': function('energy_wh_per_request') ~ of_sums % ('energy_kwh', 'request_count'),
        'description': 'Energy of inference over requests',
    },
    {
        'id': 'inference_energy_wh_per_1k_tokens', 'name': 'Energy per 1000 output tokens',
        'unit': 'Wh/1000 tokens', 'subjects': 'inference', 'numerator': 'energy_kwh',
        'denominator': 'output_tokens', 'formula': 'energy_wh_per_1k_tokens',
        'value': function('energy_wh_per_1k_tokens') ~ of_sums % ('energy_kwh', 'tokens'),
        'description': 'Energy of inference over the tokens put out, in thousands',
    },
    {
        'id': 'inference_gco2e_per_request', 'name': 'Carbon per inference',
        'unit': 'gCO2e/request', 'subjects': 'inference',
        'numerator': 'emissions_operational_kgco2e', 'denominator': 'request_count',
        'formula': 'emissions_gco2e_per_unit',
        'value': function('emissions_gco2e_per_unit')
        ~ of_sums % ('emissions_kgco2e', 'unit_count'),
        'description': 'Operational emissions of inference over requests',
    },
    {
        'id': 'inference_total_gco2e_per_request', 'name': 'Carbon intensity of inference',
        'unit': 'gCO2e/request', 'subjects': 'inference', 'numerator': 'emissions_total_kgco2e',
        'denominator': 'request_count', 'formula': 'emissions_gco2e_per_unit',
        'value': function('emissions_gco2e_per_unit')
        ~ of_sums % ('emissions_kgco2e', 'unit_count'),
        'description': 'Operational and embodied emissions of inference over requests',
    },
    {
        'id': 'low_carbon_run_share', 'name': 'Share of runs in low-carbon hours', 'unit': '1',
        'subjects': 'hourly', 'numerator': 'cast(is_low_carbon as integer)',
        'denominator': '1', 'formula': 'is_low_carbon_hour', 'value': 'numerator / denominator',
        'description': 'Of the activities whose hours are known, those at less than 100 gCO2e/kWh',
    },
    {
        'id': 'model_flop_utilization_ratio', 'name': 'Hardware utilisation, of computation',
        'unit': '1', 'subjects': 'training',
        'numerator': 'implied_utilization_ratio * device_hours',
        'denominator': 'case when implied_utilization_ratio is not null then device_hours end',
        'formula': 'implied_utilization_ratio', 'value': 'numerator / nullif(denominator, 0)',
        'description': 'Computation done over what the devices can do, mean by device hours',
    },
    {
        'id': 'power_utilization_ratio', 'name': 'Hardware utilisation, of power', 'unit': '1',
        'subjects': 'training', 'numerator': 'average_power_w * device_hours',
        'denominator': 'tdp_w * device_hours', 'formula': 'power_utilization_ratio',
        'value': function('power_utilization_ratio') ~ of_sums % ('average_power_w', 'tdp_w'),
        'description': 'Mean power over rated power of the devices, by device hours',
    },
    {
        'id': 'pue_ratio', 'name': 'Power usage effectiveness', 'unit': '1',
        'subjects': 'known_overhead', 'numerator': 'facility_energy_kwh',
        'denominator': 'it_energy_kwh', 'formula': 'pue_ratio',
        'value': function('pue_ratio') ~ of_sums % ('facility_energy_kwh', 'it_energy_kwh'),
        'description': 'Energy of the building over that of its computers, where both are known',
    },
    {
        'id': 'wue_l_per_kwh', 'name': 'Water usage effectiveness', 'unit': 'L/kWh',
        'numerator': 'water_on_site_l', 'denominator': 'it_energy_kwh', 'formula': 'wue_l_per_kwh',
        'value': function('wue_l_per_kwh') ~ of_sums % ('water_on_site_l', 'it_energy_kwh'),
        'description': 'Water used on site over the energy of the computers',
    },
    {
        'id': 'cue_kgco2e_per_kwh', 'name': 'Carbon usage effectiveness', 'unit': 'kgCO2e/kWh',
        'subjects': 'known_overhead', 'numerator': 'emissions_operational_kgco2e',
        'denominator': 'it_energy_kwh', 'formula': 'cue_kgco2e_per_kwh',
        'value': function('cue_kgco2e_per_kwh') ~ of_sums % ('emissions_kgco2e', 'it_energy_kwh'),
        'description': 'Operational emissions of the building over the energy of its computers',
    },
] %}
{# Which activities, and whether they are needed with what they were for. #}
{% set subjects = {
    'all': ('activities', 'is_primary'),
    'market': ('activities', "accounting_method = 'market_based'"),
    'hourly': (
        'activities',
        "is_primary and intensity_matching = 'hourly' and emission_factor_scope = 'lifecycle'",
    ),
    'known_overhead': ('activities', 'is_primary and pue_ratio is not null'),
    'training': ('activities_with_purpose', "subject_kind = 'training_run'"),
    'inference': ('activities_with_purpose', "subject_kind = 'inference_use'"),
} %}
{% for kpi in kpis %}
    {% do kpi.update({
        'subjects': kpi.get('subjects', 'all'),
        'over': kpi.get('denominator', kpi.get('counted', '1')),
    }) %}
    {% do kpi.update({
        'known': '(' ~ kpi.numerator ~ ') is not null and (' ~ kpi.over ~ ') is not null',
        'sum_over': ('list(distinct ' if kpi.get('counted') else 'sum(') ~ kpi.over ~ ')',
    }) %}
{% endfor %}

with

-- What an activity was for, by its kind.
purposes as (
    select
        'training_run' as subject_kind,
        training_run_id as subject_id,
        epochs,
        parameters_total,
        tokens,
        training_compute_flop,
        average_power_w,
        implied_utilization_ratio
    from {{ ref('fct_training_runs') }}

    union all by name

    select
        'inference_use' as subject_kind,
        inference_use_id as subject_id,
        request_count,
        output_tokens
    from {{ ref('fct_inference_uses') }}
),

hardware as (
    select * from {{ ref('dim_hardware') }}
),

published_targets as (
    select * from {{ ref('kpi_targets') }}
    where preference = 1
),

newest_own_targets as (
    select * from {{ ref('stg_targets__kpi_targets') }}
    qualify row_number() over (
        partition by kpi_id, project
        order by recorded_at desc
    ) = 1
),

-- One's own target for a project comes before one's own for all, and that before a published one.
candidates as (
    select
        kpi_id,
        nullif(project, '') as project,
        target_value,
        unit,
        coalesce(is_upper_bound, true) as is_upper_bound,
        reference,
        case when nullif(project, '') is null then 2 else 1 end as preference
    from newest_own_targets
    where not is_withdrawn

    union all by name

    select
        kpi_id,
        cast(null as varchar) as project,
        target_value,
        unit,
        is_upper_bound,
        reference,
        3 as preference
    from published_targets
),

-- What others published is one group; what is one's own is grouped by project.
activities as not materialized (
    select
        *,
        case when is_own then coalesce(project, 'not_stated') end as kpi_project,
        date_trunc('month', started_at) as month_start_at,
        case when boundary = 'facility' then energy_kwh / nullif(pue_ratio, 0) else energy_kwh end
            as it_energy_kwh,
        {{ function('is_low_carbon_hour') }}(
            carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh
        ) as is_low_carbon
    from {{ ref('fct_footprints') }}
    where is_widest_boundary and subject_kind in ('training_run', 'inference_use')
),

activities_with_purpose as not materialized (
    select
        activities.*,
        purposes.epochs,
        purposes.parameters_total,
        purposes.tokens,
        purposes.training_compute_flop,
        purposes.average_power_w,
        purposes.implied_utilization_ratio,
        purposes.request_count,
        purposes.output_tokens,
        hardware.tdp_w
    from activities
    left join purposes
        on
            activities.subject_kind = purposes.subject_kind
            and activities.subject_id = purposes.subject_id
    left join hardware on activities.hardware_id = hardware.hardware_id
    where activities.is_primary
),

-- Millions of requests may lie in a month: one pass for all key figures of the same activities.
{% for name, (relation, condition) in subjects.items() %}
    months_of_{{ name }} as (
        select
            kpi_project,
            month_start_at,
            {% for kpi in kpis if kpi.subjects == name %}
                count(*) filter (where {{ kpi.known }}) as {{ kpi.id }}__known,
                count(*) filter (where {{ kpi.known }} and is_suspect) as {{ kpi.id }}__suspect,
                sum({{ kpi.numerator }}) filter (where {{ kpi.known }}) as {{ kpi.id }}__numerator,
                {{ kpi.sum_over }} filter (where {{ kpi.known }}) as {{ kpi.id }}__over,
            {% endfor %}
            count(*) as activity_count
        from {{ relation }}
        where {{ condition }}
        group by kpi_project, month_start_at
    ),
{% endfor %}

months as (
    {% for kpi in kpis %}
        select
            '{{ kpi.id }}' as kpi_id,
            kpi_project,
            month_start_at,
            {{ kpi.id }}__known as row_count,
            activity_count - {{ kpi.id }}__known as unknown_count,
            {{ kpi.id }}__suspect as suspect_count,
            cast({{ kpi.id }}__numerator as double) as numerator,
            {{ 'null' if kpi.get('counted') else kpi.id ~ '__over' }} as denominator,
            {{ kpi.id ~ '__over' if kpi.get('counted') else 'null' }} as counted
        from months_of_{{ kpi.subjects }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

all_time as (
    select
        kpi_id,
        kpi_project,
        sum(row_count) as row_count,
        sum(unknown_count) as unknown_count,
        sum(suspect_count) as suspect_count,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        flatten(list(counted)) as counted
    from months
    group by kpi_id, kpi_project
),

periods as (
    select
        * exclude (month_start_at),
        cast(month_start_at as date) as period_start_date
    from months
    where month_start_at is not null

    union all by name

    select
        *,
        cast(null as date) as period_start_date
    from all_time
),

sums as (
    select
        * exclude (denominator, counted),
        coalesce(cast(denominator as double), cast(len(list_distinct(counted)) as double))
            as denominator
    from periods
),

exact_figures as (
    select
        *,
        case kpi_id
            {% for kpi in kpis %}
                when '{{ kpi.id }}' then {{ kpi.value }}
            {% endfor %}
        end as exact_value
    from sums
),

figures as (
    select
        * exclude (exact_value),
        {{ to_twelve_digits('exact_value') }} as kpi_value
    from exact_figures
),

definitions (kpi_id, kpi_name, unit, description, formula) as (
    values
    {% for kpi in kpis %}
        (
            '{{ kpi.id }}',
            '{{ kpi.name }}',
            '{{ kpi.unit }}',
            '{{ kpi.description }}',
            '{{ kpi.formula }}'
        ){{ ',' if not loop.last }}
    {% endfor %}
),

-- A target in another unit is none.
targets as (
    select
        figures.kpi_id,
        figures.kpi_project,
        figures.period_start_date,
        candidates.target_value,
        candidates.is_upper_bound,
        candidates.reference as target_reference
    from figures
    inner join definitions on figures.kpi_id = definitions.kpi_id
    inner join candidates
        on
            figures.kpi_id = candidates.kpi_id
            and coalesce(figures.kpi_project = candidates.project, candidates.project is null)
            and coalesce(definitions.unit = candidates.unit, true)
    qualify row_number() over (
        partition by figures.kpi_id, figures.kpi_project, figures.period_start_date
        order by candidates.preference asc
    ) = 1
)

select
    figures.kpi_id,
    figures.kpi_project as project,
    coalesce(strftime(figures.period_start_date, '%Y-%m'), 'all time') as period,

    figures.period_start_date,
    cast(last_day(figures.period_start_date) as date) as period_end_date,
    definitions.kpi_name,
    definitions.unit,
    definitions.description,
    definitions.formula,

    figures.kpi_value,
    targets.target_value,
    targets.is_upper_bound,
    targets.target_reference,
    case
        when targets.is_upper_bound then figures.kpi_value <= targets.target_value
        else figures.kpi_value >= targets.target_value
    end as is_target_met,
    cast(figures.row_count as bigint) as row_count,
    cast(figures.unknown_count as bigint) as unknown_count,
    cast(figures.suspect_count as bigint) as suspect_count
from figures
inner join definitions on figures.kpi_id = definitions.kpi_id
left join targets
    on
        figures.kpi_id = targets.kpi_id
        and figures.kpi_project is not distinct from targets.kpi_project
        and figures.period_start_date is not distinct from targets.period_start_date
