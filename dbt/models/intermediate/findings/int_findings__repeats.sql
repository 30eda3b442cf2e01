-- Rows that would be counted twice: a run under two ids, the rows of a tracker that counts on, a
-- total that stands among its parts.
{#
    (2026-11-22) Trackers such as CodeCarbon write one row at each flush with the energy since the
    start: 93 % of repeated run ids in public logs. Such rows have the same start to the second, the
    same model and hardware, and neither time nor energy ever falls; their mean power stays within a
    factor of 2. Runs that follow each other, or epochs, have starts of their own. A total among its
    parts: 0.1 %, of three parts or more, as two may be equal by chance.
#}
{% set total_apart = 0.001 %}
{% set steady_power = 2 %}
{% set telling_digits = 5 %}

with

runs as (
    select
        *,
        coalesce(
            {{ function('normalize_name') }}(name := split_part(model_name, '/', -1)), ''
        ) as model_key
    from {{ ref('fct_training_runs') }}
),

flushes as (
    select
        *,
        max(energy_kwh / nullif(duration_h, 0)) over same_start
        / nullif(min(energy_kwh / nullif(duration_h, 0)) over same_start, 0) as power_range,
        count(*) over same_start as row_count,
        count(distinct duration_h) over same_start as duration_count,
        lag(energy_kwh) over in_time as energy_before_kwh
    from runs
    where started_at is not null and energy_kwh > 0 and duration_h > 0
    window
        same_start as (
            partition by
                source_id, model_key, hardware, hardware_count, boundary, label_kind,
                training_stage, started_at
        ),
        in_time as (
            partition by
                source_id, model_key, hardware, hardware_count, boundary, label_kind,
                training_stage, started_at
            order by duration_h, energy_kwh, training_run_id
        )
),

cumulative as (
    select
        'cumulative_rows' as finding_kind,
        arg_max(training_run_id, duration_h) as subject,
        count(*) as finding_count,
        min(started_at) as first_at,
        max(started_at) as last_at,
        sum(energy_kwh) as observed_value,
        max(energy_kwh) as expected_lower,
        max(energy_kwh) as expected_upper,
        'kWh' as unit,
        count(*) || ' rows with one start, each with the energy of those before it: only the last '
        || 'counts.' as detail,
        source_id
    from flushes
    where row_count >= 2 and duration_count = row_count and power_range <= {{ steady_power }}
    group by
        source_id, model_key, hardware, hardware_count, boundary, label_kind, training_stage,
        started_at
    having bool_and(energy_kwh >= coalesce(energy_before_kwh, 0))
),

in_cumulative as (
    select distinct
        source_id,
        model_key,
        started_at
    from flushes
    where row_count >= 2 and duration_count = row_count and power_range <= {{ steady_power }}
),

wholes as (
    select
        *,
        sum(energy_kwh) over same_model - energy_kwh as others_kwh,
        count(*) over same_model as row_count,
        max(energy_kwh) over same_model as most_kwh
    from runs
    where
        energy_kwh > 0
        and (source_id, model_key, started_at) not in (
            select (in_cumulative.source_id, in_cumulative.model_key, in_cumulative.started_at)
            from in_cumulative
        )
    window same_model as (partition by source_id, model_key, hardware, boundary, label_kind)
),

totals_among_parts as (
    select
        'total_among_parts' as finding_kind,
        training_run_id as subject,
        row_count as finding_count,
        energy_kwh as observed_value,
        others_kwh as expected_lower,
        others_kwh as expected_upper,
        'kWh' as unit,
        'Its energy is the sum of the ' || (row_count - 1)
        || ' other rows of its model: a total that stands among its parts.' as detail,
        source_id
    from wholes
    where
        row_count >= 4 and energy_kwh = most_kwh
        and abs(energy_kwh / others_kwh - 1) < {{ total_apart }}
),

-- Of one run in two sources, or twice in one, all figures that both state are equal, and one of
-- them at least has digits enough to be no chance.
figures as (
    select
        training_run_id,
        source_id,
        model_key,
        started_at,
        duration_h,
        boundary,
        energy_kwh,
        reported_emissions_kgco2e,
        hardware,
        label_flags,
        -- 0.5 kWh in 1 h can be two runs; 12.663 kWh in 38.7 h is one.
        length(replace(cast(energy_kwh as varchar), '.', '')) >= {{ telling_digits }}
            as has_telling_energy
    from runs
),

doubles as (
    select
        second_run.training_run_id as subject,
        min(first_run.training_run_id) as twin_id,
        any_value(coalesce(second_run.energy_kwh, second_run.reported_emissions_kgco2e))
            as observed_value,
        any_value(case when second_run.energy_kwh is not null then 'kWh' else 'kgCO2e' end) as unit,
        any_value(second_run.source_id) as source_id
    from figures as second_run
    inner join figures as first_run
        on
            second_run.model_key = first_run.model_key
            and second_run.training_run_id <> first_run.training_run_id
            -- The one of our own table, or the lesser id, is the first.
            and (first_run.source_id <> 'joulehouse-seeds', first_run.training_run_id)
            < (second_run.source_id <> 'joulehouse-seeds', second_run.training_run_id)
    where
        (
            (
                second_run.source_id <> first_run.source_id
                and second_run.model_key <> ''
                and second_run.reported_emissions_kgco2e = first_run.reported_emissions_kgco2e
                and second_run.reported_emissions_kgco2e > 0
            )
            or (
                second_run.energy_kwh = first_run.energy_kwh
                and second_run.energy_kwh > 0
                and (
                    second_run.started_at = first_run.started_at
                    or (
                        second_run.source_id <> first_run.source_id
                        and second_run.model_key <> ''
                        and (second_run.started_at is null or first_run.started_at is null)
                    )
                    or (
                        second_run.has_telling_energy
                        and second_run.duration_h = first_run.duration_h
                        and second_run.hardware = first_run.hardware
                    )
                )
            )
        )
        and coalesce(second_run.energy_kwh = first_run.energy_kwh, true)
        and coalesce(
            second_run.reported_emissions_kgco2e = first_run.reported_emissions_kgco2e, true
        )
        and coalesce(second_run.duration_h = first_run.duration_h, true)
        and coalesce(second_run.started_at = first_run.started_at, true)
        and coalesce(second_run.boundary = first_run.boundary, true)
    group by second_run.training_run_id
),

duplicates as (
    select
        'duplicate_run' as finding_kind,
        subject,
        1 as finding_count,
        observed_value,
        unit,
        'The same run as ' || twin_id || ': to be counted once.' as detail,
        source_id
    from doubles

    union all by name

    select
        'copied_from_base_model' as finding_kind,
        training_run_id as subject,
        1 as finding_count,
        reported_emissions_kgco2e as observed_value,
        'kgCO2e' as unit,
        'The same figure as that of its base model.' as detail,
        source_id
    from figures
    where list_contains(string_split(label_flags, '; '), 'copied_from_base_model')
),

found as (
    select * from cumulative
    union all by name
    select * from totals_among_parts
    union all by name
    select * from duplicates
)

select
    *,
    'fct_training_runs' as table_name
from found
