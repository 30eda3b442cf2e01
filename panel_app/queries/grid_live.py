"""Carbon intensity of today: actual figures beside forecasts, each on its basis, from its source.

Both tables are small whatever the history holds; figures on different bases never share a line.
"""

from __future__ import annotations

import polars as pl

from panel_app.data import Data

_BASIS = "concat_ws(' · ', intensity_basis, emission_factor_scope, flow_basis)"


def choices(data: Data) -> pl.DataFrame:
    """Zones with live figures and the bases of each, those with an actual figure first."""
    return data.frame(
        f"""
        select
            grid_zone_id, any_value(z.grid_zone_name) as zone_name, {_BASIS} as basis,
            count(o.carbon_intensity_gco2e_per_kwh) > 0 as has_actual
        from rpt_grid_outlook as o
        left join dim_grid_zones as z using (grid_zone_id)
        group by grid_zone_id, basis
        order by
            has_actual desc,
            zone_name,
            starts_with(basis, 'average · lifecycle') desc,
            basis
        """
    )


def outlook(data: Data, zone_id: str, basis: str) -> pl.DataFrame:
    """Actual and forecast by source, signal model and interval, in gCO2e/kWh."""
    return data.frame(
        f"""
        select
            source_id, signal_model, interval_start_at, interval_minutes,
            carbon_intensity_gco2e_per_kwh, carbon_intensity_forecast_gco2e_per_kwh,
            carbon_intensity_forecast_lower_gco2e_per_kwh,
            carbon_intensity_forecast_upper_gco2e_per_kwh,
            forecast_issued_at, is_issue_time_given, is_estimated
        from rpt_grid_outlook
        where grid_zone_id = ? and {_BASIS} = ?
        order by source_id, signal_model, interval_start_at
        """,
        [zone_id, basis],
    )


def current(data: Data, basis: str) -> pl.DataFrame:
    """The newest known interval of every zone and source on one basis, cleanest first."""
    return data.frame(
        f"""
        select
            grid_zone_id, grid_zone_name, source_id, signal_model, interval_start_at,
            interval_minutes, carbon_intensity_gco2e_per_kwh, is_estimated
        from rpt_grid_current
        where {_BASIS} = ?
        order by carbon_intensity_gco2e_per_kwh, grid_zone_name, source_id
        """,
        [basis],
    )
