{#
    The footprints of activities: what fct_footprints and footprints_under are both written with, so
    that a restated report differs from today's in its inputs alone.

    A list of common table expressions; the last, `footprints`, has the columns of fct_footprints.

    Arguments:
    - activities: a relation with the columns of int_activities__versions, one row per subject.
    - figures: a relation with the columns of fct_grid_carbon_intensity.
    - factor_instant, method_instant: SQL for the instants as of which factors, and the parameters of
      the method, are taken; none: the newest.

    Which intensity: the one that the source states; else the hours of the run, where nearly all of
    them are known; else the year of the run in its zone; else the zone's newest year; else the world's,
    which is an assumption and is marked as one.
#}
{% macro footprints(
    activities='activities', figures='figures', factor_instant=none, method_instant=none
) %}
{% set known = 'recorded_at <= ' ~ factor_instant if factor_instant else 'true' %}
{# An hour is counted for each activity that lasts into it: a run of more than three years is none. #}
{% set longest_run_h = 26280 %}

subjects as not materialized (
    select
        versions.*,
        case
            when versions.started_at is null or versions.grid_zone_id is null then null
            when
                versions.subject_kind = 'inference_use'
                or versions.duration_h > 0
                or versions.ended_at > versions.started_at
                then date_trunc('hour', versions.started_at)
        end as first_hour_at,
        -- An activity that ends on the hour has no part in the next.
        greatest(
            date_trunc('hour', versions.started_at),
            date_trunc(
                'hour',
                coalesce(
                    versions.ended_at,
                    versions.started_at + to_microseconds(cast(versions.duration_h * 3.6e9 as bigint))
                ) - interval 1 microsecond
            )
        ) as last_hour_at,
        extract('year' from versions.started_at) as start_year,
        coalesce(versions.grid_zone_id, 'WORLD') as place_zone_id
    from {{ activities }} as versions
    where
        not versions.is_withdrawn
        and (
            versions.is_own
            or versions.energy_kwh is not null
            or versions.reported_emissions_kgco2e is not null
        )
),

{{ factors_in_force(factor_instant, method_instant) }},

parameters as (
    select
        max(factor_value) filter (where factor_key = 'hardware_lifetime_h') as hardware_lifetime_h,
        max(factor_value) filter (where factor_key = 'minimum_hours_matched_share')
            as minimum_hours_matched_share
    from single_factors
    where factor_kind = 'parameter'
),

hardware_factors as (
    select
        factor_key as hardware_id,
        max(factor_value) filter (where factor_kind = 'hardware_embodied') as embodied_kgco2e,
        max(factor_value) filter (where factor_kind = 'hardware_end_of_life') as end_of_life_kgco2e
    from single_factors
    where factor_kind in ('hardware_embodied', 'hardware_end_of_life')
    group by factor_key
),

building_factors as (
    select
        factor_key as cloud_key,
        max(factor_value) filter (where factor_kind = 'pue') as pue_ratio,
        max(factor_value) filter (where factor_kind = 'wue') as wue_l_per_kwh
    from single_factors
    where factor_kind in ('pue', 'wue')
    group by factor_key
),

water_factors as (
    select
        factor_key as grid_zone_id,
        factor_value as water_l_per_kwh
    from single_factors
    where factor_kind = 'grid_water'
),

-- The figures of a zone, each source's newest version of each year.
zone_years as (
    select
        factor_key as grid_zone_id,
        year as intensity_year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        factor_value as carbon_intensity_gco2e_per_kwh,
        estimation_method,
        preference,
        source_id,
        recorded_at
    from factors
    where factor_kind = 'grid_year' and factor_value between 0 and 2000
),

-- Bounds of the newest year: all recent figures on its basis. Decades of history say nothing of the
-- range that a grid has today.
recent_years as (
    select
        *,
        min(carbon_intensity_gco2e_per_kwh) over same_basis as lowest_gco2e_per_kwh,
        max(carbon_intensity_gco2e_per_kwh) over same_basis as highest_gco2e_per_kwh,
        count(*) over same_basis as figure_count
    from zone_years
    where
        intensity_year is null
        or source_id not in ('ember', 'owid', 'egrid')
        or intensity_year >= extract('year' from recorded_at) - 6
    window
        same_basis as (
            partition by grid_zone_id, intensity_basis, emission_factor_scope, flow_basis
        )
),

newest_years as (
    select
        *,
        cast(null as integer) as start_year
    from recent_years
    where intensity_basis = 'average'
    qualify row_number() over (
        partition by grid_zone_id
        order by
            preference asc,
            intensity_year desc nulls last,
            emission_factor_scope desc,
            source_id asc
    ) = 1
),

-- Bounds of a given year: what other sources say of that year on the same basis.
given_years as (
    select
        *,
        min(carbon_intensity_gco2e_per_kwh) over same_year as lowest_gco2e_per_kwh,
        max(carbon_intensity_gco2e_per_kwh) over same_year as highest_gco2e_per_kwh,
        count(*) over same_year as figure_count
    from zone_years
    where intensity_year is not null and intensity_basis = 'average'
    window
        same_year as (
            partition by
                grid_zone_id, intensity_year, intensity_basis, emission_factor_scope, flow_basis
        )
    qualify row_number() over (
        partition by grid_zone_id, intensity_year
        order by preference asc, emission_factor_scope desc, source_id asc
    ) = 1
),

year_choices as (
    select * from newest_years
    union all by name
    select
        *,
        intensity_year as start_year
    from given_years
),

-- The place and year of each activity, and the zone whose figure it takes: its own; a sub-zone
-- without one takes its country's.
activity_places as (
    select distinct
        place_zone_id as grid_zone_id,
        start_year
    from subjects
),

zones as (
    select
        grid_zone_id,
        country_iso2
    from {{ ref('dim_grid_zones') }}
),

places as (
    select
        activity_places.grid_zone_id,
        activity_places.start_year,
        unnest([
            {'zone': activity_places.grid_zone_id, 'year': activity_places.start_year, 'rank': 1},
            {'zone': activity_places.grid_zone_id, 'year': null, 'rank': 2},
            {'zone': zones.country_iso2, 'year': activity_places.start_year, 'rank': 3},
            {'zone': zones.country_iso2, 'year': null, 'rank': 4}
        ]) as tried
    from activity_places
    left join zones on activity_places.grid_zone_id = zones.grid_zone_id
),

place_years as (
    select
        places.grid_zone_id,
        places.start_year,
        year_choices.* exclude (grid_zone_id, start_year, recorded_at),
        coalesce(sources.title, year_choices.source_id)
        || coalesce(', ' || year_choices.intensity_year, ', year not given')
        || case
            when places.tried.zone <> places.grid_zone_id
                then ', figure of ' || places.tried.zone
            else ''
        end
        || coalesce(', ' || year_choices.estimation_method, '') as intensity_source,
        year_choices.estimation_method is not null
        or places.tried.zone <> places.grid_zone_id as is_estimated,
        direct.carbon_intensity_gco2e_per_kwh as direct_gco2e_per_kwh
    from places
    inner join year_choices
        on
            places.tried.zone = year_choices.grid_zone_id
            and places.tried.year is not distinct from year_choices.start_year
    left join {{ source('joulehouse', 'sources') }} as sources
        on year_choices.source_id = sources.source_id
    left join zone_years as direct
        on
            year_choices.emission_factor_scope = 'lifecycle'
            and direct.emission_factor_scope = 'direct'
            and year_choices.grid_zone_id = direct.grid_zone_id
            and year_choices.intensity_year = direct.intensity_year
            and year_choices.intensity_basis = direct.intensity_basis
            and year_choices.flow_basis = direct.flow_basis
            and year_choices.source_id = direct.source_id
    qualify row_number() over (
        partition by places.grid_zone_id, places.start_year
        order by places.tried.rank
    ) = 1
),

-- The hours that are needed: of each activity that is known to have begun in one, until its end.
needed as (
    select
        grid_zone_id,
        min(first_hour_at) as first_hour_at,
        max(last_hour_at) as last_hour_at
    from subjects
    where last_hour_at <= first_hour_at + interval {{ longest_run_h }} hour
    group by grid_zone_id
),

-- Where a source gives a zone's hour in parts and also whole, the parts are its own figures.
source_hours as (
    select
        figures.grid_zone_id,
        date_trunc('hour', figures.interval_start_at) as hour_start_at,
        figures.intensity_basis,
        figures.emission_factor_scope,
        figures.flow_basis,
        figures.source_id,
        figures.signal_model,
        figures.interval_minutes,
        -- Rounded, because a sum of floating point numbers depends on their order.
        round(avg(figures.carbon_intensity_gco2e_per_kwh), 9) as carbon_intensity_gco2e_per_kwh,
        bool_or(figures.is_estimated) as is_estimated
    from {{ figures }} as figures
    inner join needed on figures.grid_zone_id = needed.grid_zone_id
    where
        figures.interval_minutes <= 60
        and figures.carbon_intensity_gco2e_per_kwh is not null
        and figures.interval_start_at
        between needed.first_hour_at and needed.last_hour_at + interval 59 minute
    group by all
),

-- One figure for each hour and basis: a measured one before an estimate, consumption before
-- production, then the first source by name.
zone_hours as (
    select
        grid_zone_id,
        hour_start_at,
        arg_min(figure, rank) filter (where basis = 'average lifecycle') as lifecycle,
        arg_min(figure, rank) filter (where basis = 'average direct') as direct,
        arg_min(figure, rank) filter (where starts_with(basis, 'marginal')) as marginal
    from (
        select
            grid_zone_id,
            hour_start_at,
            intensity_basis || ' ' || emission_factor_scope as basis,
            {
                'gco2e_per_kwh': carbon_intensity_gco2e_per_kwh,
                'emission_factor_scope': emission_factor_scope,
                'flow_basis': flow_basis,
                'source_id': source_id,
                'is_estimated': is_estimated
            } as figure,
            concat_ws(
                ' ', is_estimated::integer, flow_basis, source_id, lpad(interval_minutes::varchar, 2, '0'),
                signal_model
            ) as rank
        from source_hours
    )
    group by grid_zone_id, hour_start_at
),

-- A run's energy is spread evenly over its time: each hour weighs as much as the run is in it.
spread as (
    select
        subject_kind,
        subject_id,
        grid_zone_id,
        started_at,
        coalesce(
            ended_at, started_at + to_microseconds(cast(duration_h * 3.6e9 as bigint))
        ) as ended_at,
        unnest(generate_series(first_hour_at, last_hour_at, interval 1 hour)) as hour_start_at
    from subjects
    where
        first_hour_at < last_hour_at
        and last_hour_at <= first_hour_at + interval {{ longest_run_h }} hour
),

weighted as (
    select
        spread.subject_kind,
        spread.subject_id,
        {{ function('overlap_h') }}(
            started_at := spread.started_at,
            ended_at := spread.ended_at,
            interval_start_at := spread.hour_start_at,
            interval_minutes := 60
        ) as weight_h,
        zone_hours.lifecycle,
        zone_hours.direct,
        zone_hours.marginal
    from spread
    left join zone_hours
        on
            spread.grid_zone_id = zone_hours.grid_zone_id
            and spread.hour_start_at = zone_hours.hour_start_at
),

run_hours as (
    select
        subject_kind,
        subject_id,
        {% for figure in ('lifecycle', 'direct', 'marginal') %}
            case when count({{ figure }}) > 0 then {
                'gco2e_per_kwh': round(
                    {{ function('energy_weighted_intensity_gco2e_per_kwh') }}(
                        energy_kwh := case when {{ figure }} is not null then weight_h end,
                        carbon_intensity_gco2e_per_kwh := {{ figure }}.gco2e_per_kwh
                    ),
                    9
                ),
                {% for part in ('emission_factor_scope', 'flow_basis', 'source_id') %}
                    '{{ part }}': string_agg(
                        distinct {{ figure }}.{{ part }}, ' and ' order by {{ figure }}.{{ part }}
                    ),
                {% endfor %}
                'is_estimated': bool_or({{ figure }}.is_estimated)
            } end as {{ figure }},
            round(
                coalesce(sum(weight_h) filter (where {{ figure }} is not null), 0)
                / nullif(sum(weight_h), 0),
                9
            ) as {{ figure }}_share{{ ',' if not loop.last }}
        {% endfor %}
    from weighted
    group by subject_kind, subject_id
),

{{ market_figures(known) }},

mapping as (
    select
        ownership,
        accounting_method,
        {% for component in ('operational', 'upstream', 'embodied') %}
            max(ghg_scope) filter (where component = '{{ component }}')
                as ghg_scope_{{ component }},
            max(iso_14064_category) filter (where component = '{{ component }}')
                as iso_14064_category_{{ component }},
            max(esrs_e1_datapoint) filter (where component = '{{ component }}')
                as esrs_e1_datapoint_{{ component }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('ghg_mapping') }}
    group by ownership, accounting_method
),

-- One run may have been measured at several boundaries: reports take the widest, and of two labels at
-- one boundary the better. Few are, so they are found by a hash first: ten million texts are costly.
perhaps_several as (
    select hash(subject_kind, activity_id) as activity_hash
    from subjects
    group by activity_hash
    having count(*) > 1
),

several_ways as (
    select
        subject_kind,
        activity_id,
        arg_min(
            subject_id,
            concat(
                case boundary
                    when 'facility' then 1 when 'it' then 2 when 'accelerator' then 3 else 4
                end,
                case label_kind
                    when 'wall_metered' then 1 when 'counter' then 2 when 'vendor_disclosed' then 3
                    when 'declared' then 4 when 'tdp_derived' then 5 else 6
                end,
                subject_id
            )
        ) as reported_subject_id
    from subjects
    where
        hash(subject_kind, activity_id)
        in (select perhaps_several.activity_hash from perhaps_several)
    group by subject_kind, activity_id
    having count(*) > 1
),

with_hours as not materialized (
    select
        subjects.*,
        {% for figure in ('lifecycle', 'direct', 'marginal') %}
            case
                when
                    coalesce(run_hours.{{ figure }}_share, 1)
                    >= parameters.minimum_hours_matched_share
                    then coalesce(run_hours.{{ figure }}, zone_hours.{{ figure }})
            end as {{ figure }},
            coalesce(run_hours.{{ figure }}_share, 1) as {{ figure }}_share,
        {% endfor %}
        parameters.hardware_lifetime_h
    from subjects
    cross join parameters
    left join zone_hours
        on
            subjects.grid_zone_id = zone_hours.grid_zone_id
            and case when subjects.first_hour_at = subjects.last_hour_at
                then subjects.first_hour_at end = zone_hours.hour_start_at
    left join run_hours
        on
            subjects.subject_kind = run_hours.subject_kind
            and subjects.subject_id = run_hours.subject_id
),

resolved as not materialized (
    select
        with_hours.*,
        coalesce(with_hours.subject_id = several_ways.reported_subject_id, true)
            as is_widest_boundary,
        case
            when with_hours.pue_ratio is not null then 'stated'
            when building_factors.pue_ratio is not null then 'cloud_region'
        end as pue_choice,
        coalesce(with_hours.pue_ratio, building_factors.pue_ratio) as known_pue_ratio,
        building_factors.wue_l_per_kwh,
        water_factors.water_l_per_kwh,
        hardware_factors.embodied_kgco2e,
        hardware_factors.end_of_life_kgco2e,

        with_hours.stated_gco2e_per_kwh is not null
        and with_hours.stated_accounting_method is distinct from 'market_based'
            as is_location_stated,
        with_hours.stated_gco2e_per_kwh is not null
        and with_hours.stated_accounting_method = 'market_based' as is_market_stated,
        place_years.* exclude (grid_zone_id, start_year, direct_gco2e_per_kwh)
            rename (
                is_estimated as is_year_estimated,
                intensity_source as year_source,
                estimation_method as year_estimation_method,
                flow_basis as year_flow_basis,
                source_id as year_source_id
            ),
        place_years.direct_gco2e_per_kwh as year_direct_gco2e_per_kwh,
        market.covered_share as market_share,
        market.residual_gco2e_per_kwh,
        market.residual_year,
        market.gco2e_per_kwh as market_gco2e_per_kwh,
        market.emission_factor_scope as market_scope,
        market.contract_id,
        market.source_id as market_source_id,
        market.intensity_source as market_source
    from with_hours
    left join several_ways
        on
            with_hours.subject_kind = several_ways.subject_kind
            and with_hours.activity_id = several_ways.activity_id
    left join building_factors
        on
            with_hours.cloud_provider || ':' || with_hours.cloud_region = building_factors.cloud_key
    left join water_factors on with_hours.grid_zone_id = water_factors.grid_zone_id
    left join hardware_factors on with_hours.hardware_id = hardware_factors.hardware_id
    left join place_years
        on
            with_hours.place_zone_id = place_years.grid_zone_id
            and with_hours.start_year is not distinct from place_years.start_year
    left join market
        on
            with_hours.subject_kind = market.subject_kind
            and with_hours.subject_id = market.subject_id
),

{# What each row of a subject takes: location-based as reports show it; the same with direct emissions
   alone; with marginal ones; and market-based, which is what was bought, else what nobody bought. #}
{% set cells = {
    'accounting_method': (
        "'location_based'", "'location_based'", "'location_based'", "'market_based'",
    ),
    'intensity_choice': (
        "case when is_location_stated then 'stated_by_source'
            when grid_zone_id is null then 'world_average_assumed' else 'region' end",
        "'region'",
        "'region'",
        "case when is_market_stated then 'stated_by_source'
            when market_share >= 1 then 'contract'
            when residual_gco2e_per_kwh is null then 'not_known'
            when market_share > 0 then 'contract_and_residual_mix'
            else 'residual_mix' end",
    ),
    'intensity_matching': (
        "case when is_location_stated then null
            when lifecycle is not null then 'hourly' else 'yearly' end",
        "case when direct is not null then 'hourly' else 'yearly' end",
        "'hourly'",
        "case when not is_market_stated and market_gco2e_per_kwh is not null then 'yearly' end",
    ),
    'hours_matched_share': (
        "case when not is_location_stated and lifecycle is not null then lifecycle_share end",
        "case when direct is not null then direct_share end",
        "marginal_share",
        "null",
    ),
    'row_basis': (
        "case when is_location_stated then null
            when lifecycle is not null then 'average' else intensity_basis end",
        "'average'",
        "'marginal'",
        "case when not is_market_stated and market_gco2e_per_kwh is not null then 'average' end",
    ),
    'row_scope': (
        "case when is_location_stated then null
            when lifecycle is not null then 'lifecycle' else emission_factor_scope end",
        "'direct'",
        "marginal.emission_factor_scope",
        "case when not is_market_stated and market_gco2e_per_kwh is not null then market_scope end",
    ),
    'row_flow_basis': (
        "case when is_location_stated then null
            when lifecycle is not null then lifecycle.flow_basis else year_flow_basis end",
        "case when direct is not null then direct.flow_basis else year_flow_basis end",
        "marginal.flow_basis",
        "null",
    ),
    'row_intensity_year': (
        "case when not is_location_stated and lifecycle is null then intensity_year end",
        "case when direct is null then intensity_year end",
        "null",
        "case when not is_market_stated and market_gco2e_per_kwh is not null
            then residual_year end",
    ),
    'intensity_source_id': (
        "case when is_location_stated then source_id
            when lifecycle is not null then lifecycle.source_id else year_source_id end",
        "case when direct is not null then direct.source_id else year_source_id end",
        "marginal.source_id",
        "case when is_market_stated then source_id
            when market_gco2e_per_kwh is not null then market_source_id end",
    ),
    'intensity_source': (
        "case when is_location_stated then 'as stated with the run'
            when lifecycle is not null then lifecycle.source_id || ', by the hour'
            else year_source end",
        "case when direct is not null then direct.source_id || ', by the hour' else year_source end",
        "marginal.source_id || ', by the hour'",
        "case when is_market_stated then 'as stated with the run'
            when market_gco2e_per_kwh is not null then market_source
            when market_share > 0
                then market_source || ' for a part; no residual mix is known for the rest'
            else 'no contract and no residual mix known' end",
    ),
    'row_contract_id': (
        "null",
        "null",
        "null",
        "case when not is_market_stated and market_gco2e_per_kwh is not null then contract_id end",
    ),
    'is_intensity_estimated': (
        "case when is_location_stated then false
            when lifecycle is not null then lifecycle.is_estimated
            else is_year_estimated or grid_zone_id is null end",
        "case when direct is not null then direct.is_estimated else is_year_estimated end",
        "marginal.is_estimated",
        "false",
    ),
    'gco2e_per_kwh': (
        "case when is_location_stated then stated_gco2e_per_kwh
            when lifecycle is not null then lifecycle.gco2e_per_kwh
            else carbon_intensity_gco2e_per_kwh end",
        "case when direct is not null then direct.gco2e_per_kwh else year_direct_gco2e_per_kwh end",
        "marginal.gco2e_per_kwh",
        "case when is_market_stated then stated_gco2e_per_kwh else market_gco2e_per_kwh end",
    ),
    'lower_gco2e_per_kwh': (
        "case when not is_location_stated and lifecycle is null and figure_count > 1
            then lowest_gco2e_per_kwh end",
        "null",
        "null",
        "null",
    ),
    'upper_gco2e_per_kwh': (
        "case when not is_location_stated and lifecycle is null and figure_count > 1
            then highest_gco2e_per_kwh end",
        "null",
        "null",
        "null",
    ),
    'counterpart_gco2e_per_kwh': (
        "case when is_location_stated then null
            when lifecycle is null then year_direct_gco2e_per_kwh
            when direct.source_id = lifecycle.source_id then direct.gco2e_per_kwh end",
        "null",
        "null",
        "null",
    ),
} %}
{% set row_kinds = ('location', 'direct', 'marginal', 'market') %}

-- One pass over the subjects for all of their rows.
all_rows as not materialized (
    select
        resolved.*,
        {% for cell, expressions in cells.items() %}
            case row_kinds.row_kind
                {% for row_kind in row_kinds %}
                    when '{{ row_kind }}' then {{ expressions[loop.index0] }}
                {% endfor %}
            end as {{ cell }},
        {% endfor %}
        row_kinds.row_kind = 'location' as is_default_basis
    from resolved
    cross join (values ('location'), ('direct'), ('marginal'), ('market')) as row_kinds (row_kind)
    where
        case row_kinds.row_kind
            when 'location' then true
            -- Not again what the row above has already.
            when 'direct'
                then
                    grid_zone_id is not null
                    and not is_location_stated
                    and (lifecycle is not null or emission_factor_scope is distinct from 'direct')
                    and (
                        direct is not null
                        or (lifecycle is null and year_direct_gco2e_per_kwh is not null)
                    )
            when 'marginal' then marginal is not null
            when 'market' then subject_kind <> 'inference_benchmark'
        end
),

-- The building's overhead where it is known; a facility's energy has it inside, and of energy of an
-- unknown boundary nobody knows.
with_overhead as not materialized (
    select
        *,
        case when boundary <> 'facility' then coalesce(known_pue_ratio, 1) else 1 end
            as overhead_ratio
    from all_rows
),

with_energy as not materialized (
    select
        *,
        {{ function('facility_energy_kwh') }}(
            it_energy_kwh := energy_kwh,
            pue_ratio := overhead_ratio
        ) as facility_energy_kwh,
        {{ function('embodied_share_kgco2e') }}(
            embodied_kgco2e := embodied_kgco2e,
            device_hours := device_hours,
            lifetime_h := hardware_lifetime_h
        ) as emissions_embodied_kgco2e,
        {{ function('embodied_share_kgco2e') }}(
            embodied_kgco2e := end_of_life_kgco2e,
            device_hours := device_hours,
            lifetime_h := hardware_lifetime_h
        ) as emissions_end_of_life_kgco2e
    from with_overhead
),

with_emissions as not materialized (
    select
        *,
        {{ function('operational_emissions_kgco2e') }}(
            energy_kwh := energy_kwh,
            pue_ratio := overhead_ratio,
            carbon_intensity_gco2e_per_kwh := gco2e_per_kwh
        ) as emissions_operational_kgco2e,
        {% for bound in ('lower', 'upper') %}
            {{ function('operational_emissions_' ~ bound ~ '_kgco2e') }}(
                energy_kwh := energy_kwh,
                energy_{{ bound }}_kwh := energy_{{ bound }}_kwh,
                pue_ratio := overhead_ratio,
                carbon_intensity_gco2e_per_kwh := gco2e_per_kwh,
                carbon_intensity_{{ bound }}_gco2e_per_kwh := {{ bound }}_gco2e_per_kwh
            ) as emissions_operational_{{ bound }}_kgco2e,
        {% endfor %}
        {{ function('upstream_emissions_kgco2e') }}(
            facility_energy_kwh := facility_energy_kwh,
            lifecycle_gco2e_per_kwh := gco2e_per_kwh,
            direct_gco2e_per_kwh := counterpart_gco2e_per_kwh
        ) as emissions_upstream_kgco2e,
        {{ function('water_on_site_l') }}(
            it_energy_kwh := case
                when boundary <> 'facility' then energy_kwh
                when boundary = 'facility' then energy_kwh / known_pue_ratio
            end,
            wue_l_per_kwh := wue_l_per_kwh
        ) as water_on_site_l,
        {{ function('water_at_source_l') }}(
            facility_energy_kwh := facility_energy_kwh,
            grid_water_l_per_kwh := water_l_per_kwh
        ) as water_at_source_l
    from with_energy
),

footprints as not materialized (
    select
        concat_ws(
            ':', subject_kind, subject_id, with_emissions.accounting_method, row_basis, row_scope
        ) as footprint_id,
        subject_kind,
        subject_id,
        activity_id,
        model_id,
        hardware_id,
        grid_zone_id,

        model_name,
        project,
        with_emissions.ownership,
        is_own,
        functional_unit,
        unit_count,
        label_kind,
        boundary,
        case
            when boundary is not null and known_pue_ratio is not null then 'facility'
            else boundary
        end as footprint_boundary,
        region,
        cloud_provider,
        cloud_region,
        started_at,
        ended_at,
        cast(start_year as integer) as inventory_year,

        with_emissions.accounting_method,
        intensity_choice,
        intensity_matching,
        cast(hours_matched_share as double) as hours_matched_share,
        row_basis as intensity_basis,
        row_scope as emission_factor_scope,
        row_flow_basis as flow_basis,
        cast(row_intensity_year as integer) as intensity_year,
        intensity_source_id,
        intensity_source,
        row_contract_id as contract_id,
        is_default_basis and is_widest_boundary as is_primary,
        is_default_basis,
        is_widest_boundary,
        coalesce(is_intensity_estimated, false) as is_intensity_estimated,
        coalesce(is_energy_estimated, false) as is_energy_estimated,
        coalesce(is_intensity_estimated, false) or coalesce(is_energy_estimated, false)
            as is_estimated,
        energy_method as estimation_method,
        coalesce(is_suspect, false) as is_suspect,

        energy_kwh,
        energy_lower_kwh,
        energy_upper_kwh,
        known_pue_ratio as pue_ratio,
        pue_choice,
        facility_energy_kwh,
        device_hours,
        gco2e_per_kwh as carbon_intensity_gco2e_per_kwh,
        lower_gco2e_per_kwh as carbon_intensity_lower_gco2e_per_kwh,
        upper_gco2e_per_kwh as carbon_intensity_upper_gco2e_per_kwh,
        emissions_operational_kgco2e,
        emissions_operational_lower_kgco2e,
        emissions_operational_upper_kgco2e,
        emissions_upstream_kgco2e,
        emissions_embodied_kgco2e,
        emissions_end_of_life_kgco2e,
        emissions_operational_kgco2e
        + emissions_embodied_kgco2e
        + coalesce(emissions_end_of_life_kgco2e, 0) as emissions_total_kgco2e,
        {{ function('sci_from_emissions_gco2e_per_unit') }}(
            operational_kgco2e := emissions_operational_kgco2e,
            embodied_kgco2e
            := emissions_embodied_kgco2e + coalesce(emissions_end_of_life_kgco2e, 0),
            functional_unit_count := unit_count
        ) as sci_gco2e_per_functional_unit,
        water_on_site_l,
        water_at_source_l,
        reported_emissions_kgco2e,
        reported_emissions_kgco2e / nullif(emissions_operational_kgco2e, 0)
            as reported_over_computed_ratio,

        mapping.ghg_scope_operational,
        mapping.ghg_scope_upstream,
        mapping.ghg_scope_embodied,
        mapping.iso_14064_category_operational,
        mapping.iso_14064_category_embodied,
        mapping.esrs_e1_datapoint_operational,
        mapping.esrs_e1_datapoint_upstream,
        mapping.esrs_e1_datapoint_embodied,

        source_id,
        source_url,
        recorded_at
    from with_emissions
    left join mapping
        on
            with_emissions.accounting_method = mapping.accounting_method
            and coalesce(with_emissions.ownership, 'not_stated') = mapping.ownership
)
{% endmacro %}

{# What was bought for an activity: contracts that hold at its place on the day it began, its project's
   before those for all; what they do not cover is the residual mix of its place and year. #}
{% macro market_figures(known) %}
contracts as (
    select * from {{ ref('stg_contracts__contracts') }}
    where {{ known }}
    qualify row_number() over (partition by contract_id order by recorded_at desc) = 1
),

residual_mixes as (
    select
        factor_key as grid_zone_id,
        year,
        factor_value as gco2e_per_kwh,
        emission_factor_scope,
        source_id
    from factors
    where factor_kind = 'residual_mix' and factor_value is not null
    qualify row_number() over (
        partition by factor_key, year
        order by preference asc, emission_factor_scope desc, source_id asc
    ) = 1
),

buyers as (
    select
        activities.subject_kind,
        activities.subject_id,
        activities.project,
        activities.started_at,
        activities.grid_zone_id,
        zones.country_iso2
    from subjects as activities
    inner join zones on activities.grid_zone_id = zones.grid_zone_id
    where activities.is_own and activities.started_at is not null
),

matching_contracts as (
    select
        buyers.subject_kind,
        buyers.subject_id,
        contracts.*
    from buyers
    inner join contracts
        on
            (
                buyers.grid_zone_id = contracts.grid_zone_id
                or buyers.country_iso2 = contracts.grid_zone_id
            )
            and (contracts.project is null or buyers.project = contracts.project)
            and cast(buyers.started_at as date) between contracts.valid_from and contracts.valid_until
    where not contracts.is_withdrawn
    qualify
        (contracts.project is not null)
        = bool_or(contracts.project is not null) over (
            partition by buyers.subject_kind, buyers.subject_id
        )
),

bought as (
    select
        subject_kind,
        subject_id,
        least(round(sum(covered_share), 9), 1) as covered_share,
        round(
            {{ function('energy_weighted_intensity_gco2e_per_kwh') }}(
                energy_kwh := covered_share,
                carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh
            ),
            9
        ) as contract_gco2e_per_kwh,
        case when count(distinct emission_factor_scope) = 1 then any_value(emission_factor_scope) end
            as emission_factor_scope,
        string_agg(contract_id, ', ' order by contract_id) as contract_id,
        any_value(source_id) as source_id
    from matching_contracts
    group by subject_kind, subject_id
),

-- The residual mix is a yearly figure of a country: that of the year in which it was used.
residuals as (
    select
        buyers.subject_kind,
        buyers.subject_id,
        residual_mixes.*
    from buyers
    inner join residual_mixes
        on
            (
                buyers.grid_zone_id = residual_mixes.grid_zone_id
                or buyers.country_iso2 = residual_mixes.grid_zone_id
            )
            and extract('year' from buyers.started_at) = residual_mixes.year
    qualify row_number() over (
        partition by buyers.subject_kind, buyers.subject_id
        order by residual_mixes.grid_zone_id = buyers.grid_zone_id desc
    ) = 1
),

market as (
    select
        coalesce(bought.subject_kind, residuals.subject_kind) as subject_kind,
        coalesce(bought.subject_id, residuals.subject_id) as subject_id,
        coalesce(bought.covered_share, 0) as covered_share,
        residuals.gco2e_per_kwh as residual_gco2e_per_kwh,
        case when coalesce(bought.covered_share, 0) < 1 then residuals.year end as residual_year,
        {{ function('market_based_intensity_gco2e_per_kwh') }}(
            covered_share := coalesce(bought.covered_share, 0),
            contract_gco2e_per_kwh := coalesce(bought.contract_gco2e_per_kwh, 0),
            residual_mix_gco2e_per_kwh := residuals.gco2e_per_kwh
        ) as gco2e_per_kwh,
        case
            when bought.covered_share >= 1 then bought.emission_factor_scope
            when bought.covered_share is null then residuals.emission_factor_scope
            when bought.emission_factor_scope = residuals.emission_factor_scope
                then residuals.emission_factor_scope
        end as emission_factor_scope,
        bought.contract_id,
        concat_ws(
            ' and ',
            bought.source_id,
            case when coalesce(bought.covered_share, 0) < 1 then residuals.source_id end
        ) as source_id,
        concat_ws(
            ' and ',
            'contract ' || bought.contract_id,
            case
                when coalesce(bought.covered_share, 0) < 1
                    then 'residual mix of ' || residuals.grid_zone_id || ', ' || residuals.year
            end
        ) as intensity_source
    from bought
    full outer join residuals
        on
            bought.subject_kind = residuals.subject_kind
            and bought.subject_id = residuals.subject_id
)
{% endmacro %}

{# Each factor in the version that was known: `factors`, and of those without years to choose from the
   one of the preferred source, `single_factors`. #}
{% macro factors_in_force(factor_instant=none, method_instant=none) %}
{% set known = 'recorded_at <= ' ~ factor_instant if factor_instant else 'true' %}
{% set method_known = 'recorded_at <= ' ~ method_instant if method_instant else 'true' %}
-- Before a parameter of the method was first recorded, its first value held.
first_parameters as (
    select
        factor_key,
        min(recorded_at) as recorded_at
    from {{ ref('int_factors__versions') }}
    where factor_kind = 'parameter'
    group by factor_key
),

factors as (
    select * from {{ ref('int_factors__versions') }}
    where
        case when factor_kind = 'parameter' then {{ method_known }} else {{ known }} end
        or (
            factor_kind = 'parameter'
            and (factor_key, recorded_at) in (
                select (first_parameters.factor_key, first_parameters.recorded_at)
                from first_parameters
            )
        )
    qualify row_number() over (
        partition by
            factor_kind, factor_key, year, intensity_basis, emission_factor_scope, flow_basis,
            source_id
        order by recorded_at desc
    ) = 1
),

single_factors as (
    select * from factors
    where factor_kind not in ('grid_year', 'fuel', 'residual_mix') and factor_value is not null
    qualify row_number() over (
        partition by factor_kind, factor_key
        order by preference asc nulls last, year desc nulls last, source_id asc
    ) = 1
)
{% endmacro %}
