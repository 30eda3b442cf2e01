-- Hours that do not agree with each other or with the calendar.
{#
    (2026-11-22)
    - agreement: device-hours against devices x hours, 5 % apart (restarts and rounded days).
    - month: 672 h are four weeks. A month has 730 h in the mean, or 720 or 744; a year 8,760, of which
      48 weeks are 8,064. Their ratio within 0.3 %, and one side a whole number of four weeks. 672 h
      alone are no fault: a run can take 28 days.
    - clock: a day after the newest run of the warehouse, for zones that were not told.
#}
{% set agreement = 0.05 %}
{% set four_weeks_h = 672 %}
{% set month_hours = [730, 720, 744] %}
{% set month_agreement = 0.003 %}

with

runs as (
    select * from {{ ref('int_findings__run_figures') }}
),

-- The clock of the newest run is the newest thing that the warehouse knows of time.
clock as (
    select
        coalesce(
            (select max(as_of) from {{ source('joulehouse', 'builds') }}),
            (select max(fetched_at) from {{ source('joulehouse', 'landings') }})
        ) as newest_at
),

statements as (
    select
        *,
        try_cast(nullif(
            regexp_extract(quoted_span, '(?i)\b(\d+(?:\.\d+)?)[ -]*months?\b', 1), ''
        ) as double) as stated_months
    from {{ ref('stg_huggingface__card_statements') }}
    where kind in ('duration', 'device_hours')
),

hours as (
    select
        *,
        device_hours / nullif(duration_h * hardware_count, 0) as hours_ratio,
        coalesce(abs(
            duration_h / {{ four_weeks_h }} - round(duration_h / {{ four_weeks_h }})
        ) < 0.002 and duration_h >= {{ four_weeks_h }} * 0.99, false) as is_run_in_four_weeks,
        coalesce(abs(
            device_hours / hardware_count / {{ four_weeks_h }}
            - round(device_hours / hardware_count / {{ four_weeks_h }})
        ) < 0.002 and device_hours / hardware_count >= {{ four_weeks_h }} * 0.99, false)
            as is_device_in_four_weeks
    from runs
    where not is_count_left_out
),

judged as (
    select
        *,
        case
            when
                (is_run_in_four_weeks or is_device_in_four_weeks)
                and (
                    {% for month in month_hours %}
                        abs(hours_ratio * {{ month }} / {{ four_weeks_h }} - 1)
                        < {{ month_agreement }}
                        or abs(hours_ratio * {{ four_weeks_h }} / {{ month }} - 1)
                        < {{ month_agreement }}
                        {{ "or" if not loop.last }}
                    {% endfor %}
                )
                then 'month_of_four_weeks'
            when abs(hours_ratio - 1) > {{ agreement }} then 'contradictory_hours'
        end as finding_kind
    from hours
),

of_hours as (
    select
        finding_kind,
        training_run_id as subject,
        1 as finding_count,
        device_hours as observed_value,
        duration_h * hardware_count * (1 - {{ agreement }}) as expected_lower,
        duration_h * hardware_count * (1 + {{ agreement }}) as expected_upper,
        'h' as unit,
        case finding_kind
            when 'month_of_four_weeks'
                then
                    'Device-hours and hours differ as four weeks and a month do ('
                    || format('{:.4g}', hours_ratio) || ').'
            else
                'Devices times hours are ' || format('{:.6g}', duration_h * hardware_count)
                || ', not ' || format('{:.6g}', device_hours) || '.'
        end as detail,
        source_id
    from judged
    where finding_kind is not null
),

-- Runs that begin with a month, take 672 h each, and are followed by that of the next month.
monthly as (
    select
        *,
        lead(started_at) over same_work as next_at,
        lag(started_at) over same_work as before_at
    from runs
    where started_at is not null
    window
        same_work as (
            partition by source_id, model_name, hardware, hardware_count, boundary, label_kind
            order by started_at, training_run_id
        )
),

of_months as (
    select
        'month_of_four_weeks' as finding_kind,
        training_run_id as subject,
        1 as finding_count,
        started_at as first_at,
        started_at as last_at,
        duration_h as observed_value,
        date_diff('hour', started_at, started_at + interval 1 month) as expected_lower,
        date_diff('hour', started_at, started_at + interval 1 month) as expected_upper,
        'h' as unit,
        'It begins with a month and is followed or led by that of the next, and has 672 h: four '
        || 'weeks, not the month.' as detail,
        source_id
    from monthly
    where
        started_at = date_trunc('month', started_at)
        and abs(duration_h - {{ four_weeks_h }}) < 0.5
        and date_diff('hour', started_at, started_at + interval 1 month) > {{ four_weeks_h }}
        and (
            next_at = started_at + interval 1 month
            or before_at = started_at - interval 1 month
        )
),

of_years as (
    select
        'month_of_four_weeks' as finding_kind,
        training_run_id as subject,
        1 as finding_count,
        started_at as first_at,
        started_at as last_at,
        duration_h as observed_value,
        8760 as expected_lower,
        8784 as expected_upper,
        'h' as unit,
        'It begins with a year and has 8,064 h: twelve months of four weeks.' as detail,
        source_id
    from runs
    where
        started_at = date_trunc('year', started_at)
        and abs(duration_h - 12 * {{ four_weeks_h }}) < 0.5
),

of_cards as (
    select
        'month_of_four_weeks' as finding_kind,
        'stg_huggingface__card_statements' as table_name,
        huggingface_id || ' / ' || kind as subject,
        count(*) as finding_count,
        max(stated_value) as observed_value,
        max(stated_months) * {{ month_hours[0] }} * 0.98 as expected_lower,
        max(stated_months) * {{ month_hours[0] }} * 1.02 as expected_upper,
        'h' as unit,
        'The card says ' || format('{:.4g}', max(stated_months))
        || ' months and hours of four weeks each.' as detail,
        any_value(source_id) as source_id
    from statements
    where abs(stated_value / nullif(stated_months * {{ four_weeks_h }}, 0) - 1) < 0.001
    group by huggingface_id, kind
),

of_future as (
    select
        'starts_in_the_future' as finding_kind,
        runs.training_run_id as subject,
        1 as finding_count,
        runs.started_at as first_at,
        runs.started_at as last_at,
        'It begins after the clock of the newest run, ' || strftime(clock.newest_at, '%Y-%m-%d')
        || '.' as detail,
        runs.source_id
    from runs
    cross join clock
    where runs.started_at > clock.newest_at + interval 1 day
),

of_no_time as (
    select
        'negative_hours' as finding_kind,
        training_run_id as subject,
        1 as finding_count,
        least(duration_h, device_hours, hardware_count) as observed_value,
        0 as expected_lower,
        'h' as unit,
        'Hours or a number of devices that are not above zero.' as detail,
        source_id
    from runs
    where duration_h <= 0 or device_hours <= 0 or hardware_count <= 0
),

found as (
    select * from of_hours
    union all by name
    select * from of_months
    union all by name
    select * from of_years
    union all by name
    select * from of_cards
    union all by name
    select * from of_future
    union all by name
    select * from of_no_time
)

select
    * exclude (table_name),
    coalesce(table_name, 'fct_training_runs') as table_name
from found
