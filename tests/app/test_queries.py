"""What the pages ask: filters, averages of like with like, gaps that stay gaps."""

from datetime import UTC, datetime

import polars as pl
import pytest

from panel_app.data import Data
from panel_app.queries import about, explore, grid, grid_live, overview, predict
from panel_app.state import ExploreState


def test_filters_keep_only_what_was_chosen(example_data: Data):
    rows = explore.rows(example_data, "training")
    kept = explore.chosen(rows, ExploreState(family=["Fern"], label=["tdp_derived"]))
    assert sorted(kept["model_name"]) == ["Fern 70B", "Fern 7B"]
    kept = explore.chosen(rows, ExploreState(first_year=2024, suspect=False))
    assert sorted(kept["model_name"]) == ["Fern 7B mini", "Reed 400B"]


def test_averages_keep_boundaries_and_unmeasured_figures_apart():
    frame = pl.DataFrame(
        {
            "hardware_name": ["A100", "A100", "A100", "A100"],
            "boundary": ["it", "it", "facility", "it"],
            "is_truth": [True, True, True, False],
            "energy_kwh": [100.0, 300.0, 900.0, 50.0],
        }
    )
    means = explore.averages(frame, "energy_kwh")
    # (100 + 300) / 2 = 200 for measured servers; the facility and the computed row stand alone.
    assert means.select("boundary", "is_truth", "mean", "row_count").rows() == [
        ("facility", True, 900.0, 1),
        ("it", True, 200.0, 2),
        ("it", False, 50.0, 1),
    ]


def test_a_month_that_is_hardly_known_stays_null(example_data: Data):
    # Poland lacks 10 to 20 March 2019: 11 days, so 20 of 31 are known, more than half.
    months = grid.monthly(example_data, ["PL"], "lifecycle")
    march = months.row(
        by_predicate=pl.col("month_start_at") == datetime(2019, 3, 1, tzinfo=UTC), named=True
    )
    assert march["known_hours"] == 20 * 24
    assert march["carbon_intensity_gco2e_per_kwh"] is not None
    hours = grid.hourly(example_data, ["PL"], "lifecycle", "2019-03")
    assert hours.height == 31 * 24
    assert hours["carbon_intensity_gco2e_per_kwh"].null_count() == 11 * 24


def test_direct_and_lifecycle_are_never_mixed(example_data: Data):
    lifecycle = grid.day_profile(example_data, ["DE"], "lifecycle", 2019)
    direct = grid.day_profile(example_data, ["DE"], "direct", 2019)
    ratio = direct["carbon_intensity_gco2e_per_kwh"] / lifecycle["carbon_intensity_gco2e_per_kwh"]
    # The example's direct figures are 0.9 of its lifecycle figures in every hour.
    assert ratio.to_list() == pytest.approx([0.9] * 24)


def test_yearly_figures_reach_the_newest_year(example_data: Data):
    years = grid.yearly(example_data, ["DE", "WORLD"])
    assert years["intensity_year"].max() == 2024
    assert set(years["grid_zone_id"]) == {"DE", "WORLD"}


def test_holdings_count_what_is_there(example_data: Data):
    held = overview.holdings(example_data)
    assert (held["run_count"], held["true_run_count"], held["suspect_run_count"]) == (6, 3, 1)
    # 5 models on 2 accelerators at 3 concurrencies.
    assert held["benchmark_count"] == 30
    assert (held["first_year"], held["last_year"], held["last_yearly_year"]) == (2019, 2020, 2024)


def test_emissions_elsewhere_are_energy_times_intensity(example_data: Data):
    regions = predict.emissions_by_region(example_data, 1000.0, ["FR", "PL"], "DE")
    found = dict(zip(regions["grid_zone_id"], regions["emissions_kgco2e"], strict=True))
    # 1000 kWh at 44, 344 and 615 gCO2e/kWh are 44, 344 and 615 kgCO2e.
    assert found == pytest.approx({"FR": 44.0, "DE": 344.0, "PL": 615.0})
    assert regions.filter(pl.col("is_marked"))["grid_zone_id"].to_list() == ["DE"]


def test_the_dictionary_is_searched_by_all_words(example_data: Data):
    columns = about.columns(example_data)
    found = about.matching(columns, "energy KWH", "")
    assert found["column_name"].to_list() == ["energy_kwh"]
    assert about.matching(columns, "", "dim_hardware").height == 1
    assert about.matching(columns, "no such thing", "").height == 0


def test_todays_figures_stay_on_one_basis(example_data: Data):
    assert grid_live.choices(example_data).select("grid_zone_id", "basis").rows() == [
        ("DE", "average · lifecycle · consumption"),
        ("DE", "average · lifecycle · production"),
    ]
    shown = grid_live.outlook(example_data, "DE", "average · lifecycle · production")
    # 31 October 00:00 to 2 November 00:00 are 49 hours, of which 30 are over at 06:00.
    assert shown.height == 49
    assert shown["carbon_intensity_gco2e_per_kwh"].drop_nulls().len() == 30
    assert grid_live.current(example_data, "average · lifecycle · consumption").is_empty()
