"""What the warehouse holds, in a few numbers and three pictures."""

from __future__ import annotations

from typing import Any

import polars as pl

from panel_app.data import Data


def holdings(data: Data) -> dict[str, Any]:
    """Counts of everything, and the time that the grid data cover."""
    return data.row(
        """
        with grid as (
            select
                count(*) filter (
                    where interval_minutes <= 60 and emission_factor_scope = 'lifecycle'
                        and carbon_intensity_gco2e_per_kwh is not null
                ) as hour_count,
                count(distinct grid_zone_id) filter (where interval_minutes <= 60)
                    as hourly_zone_count,
                count(distinct grid_zone_id) as zone_count,
                -- The last hour of a local year lies in another year of UTC: begin a day later.
                min(year(interval_start_at + interval 1 day)) filter (where interval_minutes <= 60)
                    as first_year,
                max(year(interval_start_at)) filter (where interval_minutes <= 60) as last_year,
                max(year(interval_start_at)) filter (where interval_minutes > 1440)
                    as last_yearly_year
            from fct_grid_carbon_intensity
        ),
        runs as (
            select
                count(*) as run_count,
                count(*) filter (where is_truth and energy_kwh is not null) as true_run_count,
                count(*) filter (where is_suspect) as suspect_run_count
            from fct_training_runs
        ),
        benchmarks as (
            select
                count(*) as benchmark_count,
                count(distinct model_name) as benchmark_model_count,
                count(distinct gpu) as benchmark_gpu_count,
                median(energy_wh_per_1k_tokens) as median_wh_per_1k,
                quantile_cont(energy_wh_per_1k_tokens, 0.1) as lower_wh_per_1k,
                quantile_cont(energy_wh_per_1k_tokens, 0.9) as upper_wh_per_1k
            from fct_inference_benchmarks
        )
        select
            grid.*, runs.*, benchmarks.*,
            (select count(*) from dim_models) as model_count,
            (select count(*) from dim_hardware) as hardware_count
        from grid, runs, benchmarks
        """
    )


def training_over_time(data: Data) -> pl.DataFrame:
    """Training runs with known energy and release date."""
    return data.frame(
        """
        select
            training_run_id, model_name, hardware, label_kind, boundary, release_date, energy_kwh,
            is_truth, is_suspect, source_id, source_url
        from fct_training_runs
        where energy_kwh > 0 and release_date is not null
        order by release_date
        """
    )


def inference_by_hardware(data: Data) -> pl.DataFrame:
    """Measured inference energy per thousand output tokens, with what was measured."""
    return data.frame(
        """
        select
            inference_benchmark_id, model_name, gpu, gpu_count, precision, concurrency,
            energy_wh_per_1k_tokens, label_kind, boundary, source_id
        from fct_inference_benchmarks
        where energy_wh_per_1k_tokens > 0
        """
    )


def intensity_by_zone(data: Data) -> pl.DataFrame:
    """The newest yearly intensity of every country, lifecycle, with its year."""
    return data.frame(
        """
        select
            grid_zone_id, z.grid_zone_name, z.zone_kind,
            year(f.interval_start_at)::integer as intensity_year,
            f.carbon_intensity_gco2e_per_kwh, f.source_id
        from fct_grid_carbon_intensity as f
        join dim_grid_zones as z using (grid_zone_id)
        where f.interval_minutes > 1440 and f.emission_factor_scope = 'lifecycle'
            and f.intensity_basis = 'average' and f.carbon_intensity_gco2e_per_kwh is not null
        qualify row_number() over (
            partition by grid_zone_id order by f.interval_start_at desc, f.source_id
        ) = 1
        order by f.carbon_intensity_gco2e_per_kwh
        """
    )


def freshness(data: Data) -> pl.DataFrame:
    """Sources with their last success and what they gave."""
    return data.frame(
        """
        select
            source_id, title, homepage_url, licence, cadence_h, last_success_at, last_state,
            last_error, row_count, quarantined_count
        from meta_sources
        order by row_count desc nulls last, title
        """
    )


def source_titles(data: Data) -> dict[str, tuple[str, str]]:
    """Title and homepage of each source, by id."""
    frame = data.frame("select source_id, title, homepage_url from meta_sources")
    return {row[0]: (row[1], row[2]) for row in frame.iter_rows()}
