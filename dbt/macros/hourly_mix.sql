{#
    From generation by fuel to hours: the mix, its intensity by our factors, and what is wrong with
    it. A list of common table expressions; the last, `flagged`, has a row for each hour.

    Arguments:
    - generation: the relation to start from, without storage: grid_zone_id, interval_start_at,
      interval_minutes, fuel, generation_mw, recorded_at, and source_id if that is part of the key.
    - keys: what tells one grid from another.
    - outlier_period: over which a fuel's mean and deviation are taken, a year or a month.
    - is_month_closed: true holds an hour against nothing outside of its month, so that a month can be
      made anew alone.
    - pumping_fuels: fuels whose negative output is pumping (EIA counts it in hydropower), which is
      demand and no fault.
    - factors: the relation of emission factors by fuel and scope; the seed of today if none is named.

    Thresholds, set on the archive of 2017-2020 (2026-11-22, 30 zones, 0.9 million hours):
    - own use: a unit that draws up to 2 % of what its zone generates counts as standing still (a coal
      plant's own consumption, -54 MW of 5.5 GW in PT); more is an error (-457 MW in NL);
    - a fuel is missed when it makes at least 1 % of its zone's generation in that month;
    - a fuel is implausible ten standard deviations above its mean of the period, if the excess is more
      than a tenth of all other generation (26 hours, such as 10 GW of waste in DK);
    - a total below half, or above twice, both of its neighbour hours is a sudden drop or spike
      (14 hours in all; no zone's true load moves so);
    - a total below a tenth, or above five times, the month's median is implausible (RS 281 hours).
#}
{% macro hourly_mix(
    generation='generation', keys=['grid_zone_id'], outlier_period='year', is_month_closed=false,
    pumping_fuels=[], factors=none
) %}
{% set own_use_share = 0.02 %}
{% set missed_fuel_share = 0.01 %}
{% set implausible_deviations = 10 %}
{% set implausible_excess_share = 0.1 %}
{% set sudden_factor = 2 %}
{% set implausibly_low_factor = 0.1 %}
{% set implausibly_high_factor = 5 %}
{% set key_list = keys | join(', ') %}

-- A kind of hydropower that stands on the factor of hydropower as a whole is no proxy.
fuels as (
    select
        fuel,
        max(gco2e_per_kwh) filter (where emission_factor_scope = 'lifecycle')
            as lifecycle_gco2e_per_kwh,
        max(gco2e_per_kwh) filter (where emission_factor_scope = 'direct')
            as direct_gco2e_per_kwh,
        bool_or(is_proxy and not starts_with(fuel, proxy_for)) as is_proxy
    from {{ factors or ref('emission_factors') }}
    group by fuel
),

fuel_hours as (
    select
        {{ key_list }},
        date_trunc('hour', interval_start_at) as interval_start_at,
        fuel,
        sum(generation_mw * interval_minutes) / 60 as generation_mwh,
        sum(interval_minutes) as covered_minutes,
        max(recorded_at) as recorded_at
    from {{ generation }}
    group by all
),

fuel_months as (
    select
        {{ key_list }},
        date_trunc('month', interval_start_at) as month_start_at,
        fuel,
        sum(greatest(generation_mwh, 0)) as generation_mwh,
        sum(pow(greatest(generation_mwh, 0), 2)) as squared_mwh2,
        count(*) as hour_count
    from fuel_hours
    group by all
),

fuel_limits as (
    select
        {{ key_list }},
        month_start_at,
        fuel,
        generation_mwh / hour_count
        >= {{ missed_fuel_share }}
        * sum(generation_mwh) over zone_month / max(hour_count) over zone_month as is_expected,
        sum(generation_mwh) over fuel_period / sum(hour_count) over fuel_period as mean_mwh,
        sum(squared_mwh2) over fuel_period / sum(hour_count) over fuel_period as mean_squared_mwh2
    from fuel_months
    window
        zone_month as (partition by {{ key_list }}, month_start_at),
        fuel_period as (
            partition by {{ key_list }}, fuel, date_trunc('{{ outlier_period }}', month_start_at)
        )
),

expected_counts as (
    select
        {{ key_list }},
        month_start_at,
        count(*) as expected_fuel_count
    from fuel_limits
    where is_expected
    group by all
),

hours as (
    select
        {% for key in keys %}
            fuel_hours.{{ key }},
        {% endfor %}
        fuel_hours.interval_start_at,
        any_value(fuel_limits.month_start_at) as month_start_at,
        sum(greatest(fuel_hours.generation_mwh, 0)) as generation_mwh,
        min(fuel_hours.generation_mwh)
        {% if pumping_fuels %}
            filter (where fuel_hours.fuel not in ('{{ pumping_fuels | join("', '") }}'))
        {% endif %}
            as lowest_generation_mwh,
        max(fuel_hours.covered_minutes) as covered_minutes,
        count(*) filter (where fuel_limits.is_expected and fuel_hours.covered_minutes >= 60)
            as complete_fuel_count,
        max(
            fuel_hours.generation_mwh
            - fuel_limits.mean_mwh
            - {{ implausible_deviations }}
            * sqrt(greatest(fuel_limits.mean_squared_mwh2 - pow(fuel_limits.mean_mwh, 2), 0))
        ) as excess_mwh,
        sum(greatest(fuel_hours.generation_mwh, 0)) filter (where fuels.is_proxy)
            as proxy_generation_mwh,
        {{ function('intensity_from_mix_gco2e_per_kwh') }}(
            generation_mwh := greatest(fuel_hours.generation_mwh, 0),
            emission_factor_gco2e_per_kwh := fuels.lifecycle_gco2e_per_kwh
        ) as lifecycle_gco2e_per_kwh,
        {{ function('intensity_from_mix_gco2e_per_kwh') }}(
            generation_mwh := greatest(fuel_hours.generation_mwh, 0),
            emission_factor_gco2e_per_kwh := fuels.direct_gco2e_per_kwh
        ) as direct_gco2e_per_kwh,
        max(fuel_hours.recorded_at) as recorded_at
    from fuel_hours
    left join fuels on fuel_hours.fuel = fuels.fuel
    inner join fuel_limits
        on
            {% for key in keys %}
                fuel_hours.{{ key }} = fuel_limits.{{ key }} and
            {% endfor %}
            date_trunc('month', fuel_hours.interval_start_at) = fuel_limits.month_start_at
            and fuel_hours.fuel is not distinct from fuel_limits.fuel
    group by all
),

medians as (
    select
        {{ key_list }},
        month_start_at,
        median(generation_mwh) as median_generation_mwh
    from hours
    where generation_mwh > 0
    group by all
),

flagged_alone as (
    select
        hours.*,
        case
            when hours.generation_mwh = 0 then 'zero_total'
            when hours.covered_minutes < 60 then 'incomplete_hour'
            when
                hours.lowest_generation_mwh < -{{ own_use_share }} * hours.generation_mwh
                then 'negative_generation'
            when hours.complete_fuel_count < expected_counts.expected_fuel_count
                then 'missing_fuel'
            when
                hours.excess_mwh
                > {{ implausible_excess_share }} * (hours.generation_mwh - hours.excess_mwh)
                then 'implausible_fuel'
            when
                hours.generation_mwh not between
                {{ implausibly_low_factor }} * medians.median_generation_mwh
                and {{ implausibly_high_factor }} * medians.median_generation_mwh
                then 'implausible_total'
        end as own_flag
    from hours
    left join expected_counts
        on
            {% for key in keys %}
                hours.{{ key }} = expected_counts.{{ key }} and
            {% endfor %}
            hours.month_start_at = expected_counts.month_start_at
    left join medians
        on
            {% for key in keys %}
                hours.{{ key }} = medians.{{ key }} and
            {% endfor %}
            hours.month_start_at = medians.month_start_at
),

-- An hour is held against its neighbours only where both are there and have no fault of their own.
with_neighbours as (
    select
        *,
        case
            when
                lag(own_flag) over zone_order is null
                and lead(own_flag) over zone_order is null
                and lag(interval_start_at) over zone_order
                = interval_start_at - interval 1 hour
                and lead(interval_start_at) over zone_order
                = interval_start_at + interval 1 hour
                then
                    [
                        lag(generation_mwh) over zone_order,
                        lead(generation_mwh) over zone_order
                    ]
        end as neighbours_mwh
    from flagged_alone
    window
        zone_order as (
            partition by {{ key_list }}{{ ', month_start_at' if is_month_closed }}
            order by interval_start_at
        )
),

flagged as (
    select
        *,
        case
            when own_flag is not null then own_flag
            when generation_mwh * {{ sudden_factor }} < list_min(neighbours_mwh)
                then 'sudden_drop'
            when generation_mwh > {{ sudden_factor }} * list_max(neighbours_mwh)
                then 'sudden_spike'
            when lifecycle_gco2e_per_kwh is null or direct_gco2e_per_kwh is null
                then 'unknown_emission_factor'
        end as quality_flag
    from with_neighbours
)
{% endmacro %}
