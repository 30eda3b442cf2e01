"""The scoreboard, by hand."""

import math

import numpy as np
import polars as pl
import pytest

from ml.scores import errors


def test_errors_by_hand():
    # Factors 2, 1, 1/4 : logarithms ln 2, 0, -ln 4.
    found = errors(np.array([1.0, 2.0, 4.0]), np.array([2.0, 2.0, 1.0]))
    ln2 = math.log(2)
    assert found["mae_log"] == pytest.approx((ln2 + 0 + 2 * ln2) / 3)
    assert found["rmse_log"] == pytest.approx(math.sqrt((1 + 0 + 4) / 3) * ln2)
    assert found["mae"] == pytest.approx((1 + 0 + 3) / 3)
    assert found["rmse"] == pytest.approx(math.sqrt((1 + 0 + 9) / 3))
    # Measured mean 7/3: total 42/9; residual 10: 1 - 10 / (42/9).
    assert found["r2"] == pytest.approx(1 - 10 / (42 / 9))
    # Log mean ln 2: total 2 ln2^2; residual 5 ln2^2: 1 - 5/2.
    assert found["r2_log"] == pytest.approx(-1.5)
    assert found["median_factor_error"] == pytest.approx(2)
    assert found["within_1_5x_share"] == pytest.approx(1 / 3)
    assert found["within_2x_share"] == pytest.approx(2 / 3)
    # (2 x 1 x 1/4) ^ (1/3)
    assert found["bias_factor"] == pytest.approx(0.5 ** (1 / 3))


def test_one_row_has_no_r2():
    found = errors(np.array([1.0]), np.array([2.0]))
    assert found["r2"] is None
    assert found["r2_log"] is None


def test_perfect_predictions_have_no_error():
    found = errors(np.array([1.0, 5.0]), np.array([1.0, 5.0]))
    assert (found["median_factor_error"], found["r2"], found["bias_factor"]) == (1, 1, 1)


def test_the_scoreboard_follows_from_the_stored_predictions(trained):
    scores = trained.result.method_scores.filter(
        (pl.col("split") == "leave_family_out") & (pl.col("slice_name") == "all")
    )
    stored = trained.result.predictions
    assert stored["is_out_of_fold"].all()
    for row in scores.iter_rows(named=True):
        mine = stored.filter((pl.col("task") == row["task"]) & (pl.col("method") == row["method"]))
        again = errors(mine["energy_measured"].to_numpy(), mine["energy_predicted"].to_numpy())
        assert mine.height == row["row_count"]
        assert again["median_factor_error"] == pytest.approx(row["median_factor_error"])
        assert again["r2_log"] == pytest.approx(row["r2_log"])


def test_derived_labels_are_never_scored(trained):
    kinds = trained.result.method_scores["label_kinds"].unique().to_list()
    assert not any("tdp_derived" in kind for kind in kinds)


def test_every_method_stands_in_the_scoreboard(trained):
    scored = trained.result.method_scores.select("task", "method", "method_kind").unique()
    for task, expected in (
        ("training", {"linear", "random_forest", "xgboost", "neural_network", "geometric_mean",
                      "ml_co2_impact", "green_algorithms", "flop_utilization"}),
        ("inference", {"linear", "random_forest", "xgboost", "neural_network", "geometric_mean",
                       "roofline", "ecologits", "ecologits_gpu"}),
    ):  # fmt: skip
        assert set(scored.filter(pl.col("task") == task)["method"]) == expected
    assert set(scored["method_kind"]) == {"baseline", "published_formula", "regressor"}


def test_too_few_groups_claim_no_coverage(trained):
    training = trained.result.method_scores.filter(pl.col("task") == "training")
    assert training["coverage_share"].is_null().all()
    assert set(training["interval_kind"].drop_nulls()) == {"assumed_range"}


def test_coverage_of_unseen_groups_is_at_least_what_is_promised(trained):
    row = trained.result.method_scores.filter(
        (pl.col("task") == "inference")
        & (pl.col("method") == "linear")
        & (pl.col("split") == "leave_backbone_out")
        & (pl.col("slice_name") == "all")
    ).row(0, named=True)
    assert row["interval_kind"] == "conformal_grouped"
    assert row["interval_level"] == 0.9
    assert row["coverage_share"] >= 0.85
    assert row["group_count"] == 12


def test_row_wise_folds_flatter(trained):
    by_split = {
        row["split"]: row["median_factor_error"]
        for row in trained.result.method_scores.filter(
            (pl.col("method") == "xgboost")
            & (pl.col("task") == "inference")
            & (pl.col("slice_name") == "all")
        ).iter_rows(named=True)
    }
    assert by_split["random_kfold"] < by_split["leave_family_out"]
