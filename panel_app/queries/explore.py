"""Training runs and inference measurements, and the rows of them that a reader chose."""

from __future__ import annotations

import polars as pl

from panel_app.data import Data
from panel_app.state import TRAINING, ExploreState

_TRAINING_SQL = """
    select
        r.training_run_id as row_id, r.model_name, r.model_family,
        coalesce(h.hardware_name, r.hardware) as hardware_name, r.label_kind, r.boundary,
        r.parameters_total, r.parameters_active, r.tokens, r.training_compute_flop,
        r.hardware_count, r.duration_h, r.device_hours, r.pue_ratio, r.region, r.release_date,
        r.energy_kwh, r.energy_kwh_per_billion_parameters, r.energy_kwh_per_device_hour,
        r.reported_emissions_kgco2e, f.emissions_kgco2e, f.intensity_choice,
        f.intensity_source, r.is_truth, r.is_suspect,
        r.suspect_reason, r.source_id, r.source_url
    from fct_training_runs as r
    left join dim_hardware as h using (hardware_id)
    left join (
        select
            subject_id, emissions_operational_kgco2e as emissions_kgco2e, intensity_choice,
            intensity_source
        from fct_footprints
        where subject_kind = 'training_run' and is_default_basis
    ) as f on f.subject_id = r.training_run_id
    order by r.release_date desc nulls last, r.model_name
"""

_INFERENCE_SQL = """
    select
        b.inference_benchmark_id as row_id, b.model_name, b.model_family,
        coalesce(h.hardware_name, b.gpu) as hardware_name, b.label_kind, b.boundary,
        b.parameters_total, b.parameters_active, b.gpu_count, b.precision, b.concurrency,
        b.output_tokens, b.release_date, b.energy_wh_per_1k_tokens, b.energy_j_per_token,
        f.emissions_gco2e_per_1k_tokens, f.intensity_choice, f.intensity_source, b.power_w,
        b.throughput_tokens_per_s, b.is_truth, false as is_suspect,
        null::varchar as suspect_reason, b.source_id, b.source_url
    from fct_inference_benchmarks as b
    left join dim_hardware as h using (hardware_id)
    left join (
        select
            subject_id,
            emissions_operational_kgco2e * 1e3 as emissions_gco2e_per_1k_tokens,
            intensity_choice,
            intensity_source
        from fct_footprints
        where subject_kind = 'inference_benchmark' and is_default_basis
    ) as f on f.subject_id = b.inference_benchmark_id
    where b.energy_j_per_token is not null
    order by b.model_name, b.gpu, b.concurrency
"""


def rows(data: Data, task: str) -> pl.DataFrame:
    """All rows of a task, one per training run or measured configuration."""
    return data.frame(_TRAINING_SQL if task == TRAINING else _INFERENCE_SQL)


def chosen(frame: pl.DataFrame, state: ExploreState) -> pl.DataFrame:
    """The rows that pass the filters. A year filter leaves out rows without a release date."""
    for column, wanted in (
        ("model_family", state.family),
        ("hardware_name", state.hardware),
        ("label_kind", state.label),
        ("boundary", state.boundary),
    ):
        if wanted:
            frame = frame.filter(pl.col(column).is_in(wanted))
    if state.first_year is not None:
        frame = frame.filter(pl.col("release_date").dt.year() >= state.first_year)
    if state.last_year is not None:
        frame = frame.filter(pl.col("release_date").dt.year() <= state.last_year)
    if not state.suspect:
        frame = frame.filter(~pl.col("is_suspect").fill_null(False))
    return frame


def averages(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Mean and median of ``column`` by hardware, boundary and whether it was measured.

    Boundaries and ways of knowing are never averaged together: they are not the same quantity.
    """
    return (
        frame.filter(pl.col(column).is_not_null() & pl.col("hardware_name").is_not_null())
        .group_by("hardware_name", "boundary", "is_truth")
        .agg(
            pl.len().alias("row_count"),
            pl.col(column).mean().alias("mean"),
            pl.col(column).median().alias("median"),
        )
        .sort("mean", "hardware_name", descending=[True, False])
    )


def choices(frame: pl.DataFrame, column: str) -> list[str]:
    """The values that occur in a column, most frequent first."""
    counted = frame[column].drop_nulls().value_counts(sort=True)
    return [str(value) for value in counted[column].to_list()]
