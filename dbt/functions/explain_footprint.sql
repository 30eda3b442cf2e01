-- depends_on: {{ ref('int_factors__versions') }}
with

footprint as (
    select * from {{ ref('fct_footprints') }}
    where footprint_id = id
),

{{ factors_in_force() }},

own_measurements as (
    select
        measurements.landed_sha256,
        footprint.footprint_id
    from footprint
    inner join {{ source('measurements', 'measurements') }} as measurements
        on
            footprint.subject_kind = measurements.subject_kind
            and footprint.subject_id
            = measurements.source_id || ':' || measurements.measurement_id || ':'
            || measurements.boundary
            and footprint.recorded_at = measurements.recorded_at
),

{# name, column, unit, how it was chosen; each comes with the activity. #}
{% set of_activity = [
    ('energy', 'energy_kwh', 'kWh',
        "concat_ws('; ', label_kind, 'boundary ' || boundary, estimation_method)"),
    ('lower bound of the energy', 'energy_lower_kwh', 'kWh', "'as given'"),
    ('upper bound of the energy', 'energy_upper_kwh', 'kWh', "'as given'"),
    ('functional units', 'unit_count', 'count', "functional_unit"),
    ('device hours', 'device_hours', 'h', "'devices x hours'"),
] %}
inputs as (
    {% for name, column, unit, how in of_activity %}
        select
            {{ loop.index }} as step,
            '{{ name }}' as input_name,
            'activity' as input_kind,
            {{ column }} as input_value,
            '{{ unit }}' as unit,
            {{ how }} as how_chosen,
            cast(null as timestamp) as interval_start_at,
            source_id,
            source_url,
            recorded_at,
            (select max(own_measurements.landed_sha256) from own_measurements) as landed_sha256
        from footprint
        where {{ column }} is not null

        union all by name
    {% endfor %}

    select
        10 as step,
        'power usage effectiveness' as input_name,
        case pue_choice when 'stated' then 'activity' else 'factor' end as input_kind,
        footprint.pue_ratio as input_value,
        '1' as unit,
        case footprint.pue_choice
            when 'stated' then 'stated with the activity'
            else 'of the cloud region' || coalesce(', ' || pue.year, '')
        end as how_chosen,
        case footprint.pue_choice when 'stated' then footprint.source_id else pue.source_id end
            as source_id,
        pue.source_url,
        case footprint.pue_choice when 'stated' then footprint.recorded_at else pue.recorded_at end
            as recorded_at
    from footprint
    left join single_factors as pue
        on
            footprint.pue_choice = 'cloud_region'
            and pue.factor_kind = 'pue'
            and footprint.cloud_provider || ':' || footprint.cloud_region = pue.factor_key
    where footprint.pue_ratio is not null

    union all by name

    select
        20 as step,
        'carbon intensity' as input_name,
        case footprint.intensity_choice when 'stated_by_source' then 'activity' else 'factor' end
            as input_kind,
        footprint.carbon_intensity_gco2e_per_kwh as input_value,
        'gCO2e/kWh' as unit,
        concat_ws(
            '; ', footprint.intensity_choice, footprint.intensity_matching,
            footprint.intensity_source,
            case when footprint.hours_matched_share < 1
                then round(footprint.hours_matched_share * 100, 1) || ' % of its time is known' end
        ) as how_chosen,
        footprint.intensity_source_id as source_id,
        case footprint.intensity_choice
            when 'stated_by_source' then footprint.recorded_at
            else years.recorded_at
        end as recorded_at
    from footprint
    left join factors as years
        on
            years.factor_kind = 'grid_year'
            and footprint.intensity_matching = 'yearly'
            and footprint.intensity_source_id = years.source_id
            and footprint.intensity_year is not distinct from years.year
            and footprint.emission_factor_scope = years.emission_factor_scope
            and footprint.flow_basis = years.flow_basis
            and footprint.carbon_intensity_gco2e_per_kwh = years.factor_value
    qualify row_number() over (
        partition by footprint.footprint_id order by years.recorded_at desc
    ) = 1

    union all by name

    -- Each hour, or part of one, that the mean above was taken over.
    select
        21 as step,
        'carbon intensity of an hour' as input_name,
        'factor' as input_kind,
        hours.carbon_intensity_gco2e_per_kwh as input_value,
        'gCO2e/kWh' as unit,
        concat_ws('; ', 'weighs as the activity lasts in it', hours.estimation_method)
            as how_chosen,
        hours.interval_start_at,
        hours.source_id,
        hours.recorded_at
    from footprint
    inner join {{ ref('fct_grid_carbon_intensity') }} as hours
        on
            footprint.intensity_matching = 'hourly'
            and footprint.grid_zone_id = hours.grid_zone_id
            and footprint.intensity_basis = hours.intensity_basis
            and contains(footprint.emission_factor_scope, hours.emission_factor_scope)
            and contains(footprint.flow_basis, hours.flow_basis)
            and contains(footprint.intensity_source_id, hours.source_id)
            and hours.interval_start_at
            between date_trunc('hour', footprint.started_at)
            and coalesce(footprint.ended_at, footprint.started_at)
    where hours.interval_minutes <= 60 and hours.carbon_intensity_gco2e_per_kwh is not null

    union all by name

    select
        22 as step,
        'contract ' || contracts.contract_id as input_name,
        'factor' as input_kind,
        contracts.carbon_intensity_gco2e_per_kwh as input_value,
        'gCO2e/kWh' as unit,
        concat_ws(
            '; ', contracts.instrument, 'covers ' || contracts.covered_share * 100 || ' %',
            contracts.certificate_reference
        ) as how_chosen,
        contracts.source_id,
        contracts.recorded_at
    from footprint
    inner join {{ ref('stg_contracts__contracts') }} as contracts
        on list_contains(string_split(footprint.contract_id, ', '), contracts.contract_id)
    qualify row_number() over (
        partition by contracts.contract_id
        order by contracts.recorded_at desc
    ) = 1

    union all by name

    select
        30 as step,
        case factors.factor_kind
            when 'hardware_embodied' then 'embodied emissions of one device'
            else 'end of life of one device'
        end as input_name,
        'factor' as input_kind,
        factors.factor_value as input_value,
        factors.unit,
        factors.estimation_method as how_chosen,
        factors.source_id,
        factors.source_url,
        factors.recorded_at
    from footprint
    inner join single_factors as factors
        on
            factors.factor_kind in ('hardware_embodied', 'hardware_end_of_life')
            and footprint.hardware_id = factors.factor_key

    union all by name

    select
        40 as step,
        factors.factor_key as input_name,
        'method' as input_kind,
        factors.factor_value as input_value,
        factors.unit,
        'parameter of the accounting, seed accounting_parameters' as how_chosen,
        factors.source_id,
        factors.source_url,
        factors.recorded_at
    from footprint
    inner join single_factors as factors on factors.factor_kind = 'parameter'

    union all by name

    select
        50 as step,
        case factors.factor_kind when 'wue' then 'water on site' else 'water at the source' end
            as input_name,
        'factor' as input_kind,
        factors.factor_value as input_value,
        factors.unit,
        concat_ws(', ', factors.factor_key, factors.year, factors.estimation_method) as how_chosen,
        factors.source_id,
        factors.source_url,
        factors.recorded_at
    from footprint
    inner join single_factors as factors
        on
            (factors.factor_kind = 'grid_water' and footprint.grid_zone_id = factors.factor_key)
            or (
                factors.factor_kind = 'wue'
                and footprint.cloud_provider || ':' || footprint.cloud_region = factors.factor_key
            )

    {% for name, column, unit, how in (
        ('operational emissions', 'emissions_operational_kgco2e', 'kgCO2e',
            'operational_emissions_kgco2e(energy_kwh, pue_ratio, carbon_intensity_gco2e_per_kwh)'),
        ('embodied emissions', 'emissions_embodied_kgco2e', 'kgCO2e',
            'embodied_share_kgco2e(embodied_kgco2e, device_hours, lifetime_h)'),
        ('end of life', 'emissions_end_of_life_kgco2e', 'kgCO2e',
            'embodied_share_kgco2e(end_of_life_kgco2e, device_hours, lifetime_h)'),
        ('total', 'emissions_total_kgco2e', 'kgCO2e', 'operational + embodied + end of life'),
    ) %}
        union all by name

        select
            {{ 60 + loop.index }} as step,
            '{{ name }}' as input_name,
            'result' as input_kind,
            {{ column }} as input_value,
            '{{ unit }}' as unit,
            '{{ how }}' as how_chosen
        from footprint
    {% endfor %}
)

select
    inputs.step,
    inputs.input_name,
    inputs.input_kind,
    inputs.input_value,
    inputs.unit,
    inputs.how_chosen,
    inputs.interval_start_at,
    inputs.source_id,
    sources.title as source_title,
    sources.citation,
    sources.licence,
    inputs.source_url,
    inputs.recorded_at,
    inputs.landed_sha256
from inputs
left join {{ source('joulehouse', 'sources') }} as sources on inputs.source_id = sources.source_id
order by inputs.step, inputs.interval_start_at, inputs.input_name
