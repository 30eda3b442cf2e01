"""Training: the same twice, a champion that was earned, and a reason to train again."""

import json
import shutil

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ml import train as training_module
from ml.register import Candidate, choose_champion, registered_versions
from ml.tasks import TASKS
from ml.train import should_train


@pytest.fixture
def copied(trained, tmp_path):
    """The trained warehouse and models, copied for a test that changes them."""
    path = tmp_path / "warehouse.duckdb"
    shutil.copy(trained.path, path)
    shutil.copytree(trained.models_dir, tmp_path / "models")
    return type(trained)(path, tmp_path / "models", trained.settings, trained.result)


@pytest.fixture
def incumbent(trained):
    """The registry row of a version, and a function that decides against it."""
    row = next(
        row
        for row in registered_versions(trained.warehouse, TASKS["inference"]).to_dicts()
        if row["method"] == "linear"
    )
    manifest = json.loads(
        (trained.models_dir / row["artifact_path"] / "manifest.json").read_bytes()
    )

    def decide(candidates, **changes):
        return choose_champion(
            candidates,
            row,
            changes.get("models_dir", trained.models_dir),
            feature_version=changes.get("feature_version", manifest["feature_version"]),
            training_data_sha256=changes.get("data", manifest["training_data_sha256"]),
        )

    return row, manifest["held_out_errors"], decide


def candidate(name, errors, answered_share=1.0):
    return Candidate(f"inference-{name}-new", name, "regressor", errors, answered_share)


def scaled(errors, factor):
    return {subject: error * factor for subject, error in errors.items()}


def test_each_task_has_one_champion_among_its_methods(trained):
    versions = trained.result.model_versions
    champions = versions.filter("is_champion")
    assert sorted(champions["task"]) == ["inference", "training"]
    assert champions["promoted_at"].is_not_null().all()
    assert versions.filter(~pl.col("is_champion"))["promoted_at"].is_null().all()


def test_the_champion_has_the_lowest_median_error_of_those_that_answer(trained):
    for task in TASKS:
        rows = trained.result.model_versions.filter(pl.col("task") == task).to_dicts()
        factor = {
            row["method"]: json.loads(row["scores_json"])["median_factor_error"] for row in rows
        }
        champion = next(row["method"] for row in rows if row["is_champion"])
        assert factor[champion] == min(factor.values())


def test_nothing_to_do_after_a_training(trained):
    assert should_train(trained.warehouse, trained.models_dir) is None


def test_a_fresh_warehouse_has_no_champion_yet(fresh_lab):
    lab = fresh_lab()
    assert should_train(lab.warehouse, lab.models_dir) == "training has no champion yet"


def test_new_measurements_are_a_reason(copied):
    copied.execute(
        "insert into fct_inference_benchmarks by name select 'new' as inference_benchmark_id, "
        "* exclude (inference_benchmark_id) from fct_inference_benchmarks limit 1"
    )
    reason = should_train(copied.warehouse, copied.models_dir)
    assert reason == ("the data of inference changed: 96 measured of 96 rows then, 97 of 97 now")


def test_a_corrected_specification_is_a_reason(copied):
    copied.execute("update dim_hardware set tdp_w = 750 where hardware_id = 'h100'")
    assert "the data of training changed" in should_train(copied.warehouse, copied.models_dir)


def test_a_lost_artifact_is_a_reason(copied):
    shutil.rmtree(copied.models_dir / "inference")
    assert should_train(copied.warehouse, copied.models_dir) == (
        "an artifact of inference is missing from the models folder"
    )


def test_changed_code_is_a_reason(trained, monkeypatch):
    monkeypatch.setattr(training_module, "code_version", lambda: "another")
    assert "the code of the methods changed" in should_train(trained.warehouse, trained.models_dir)


def test_no_rows_means_no_training(fresh_lab):
    lab = fresh_lab()
    lab.execute("delete from fct_inference_benchmarks")
    lab.execute("delete from fct_training_runs")
    assert should_train(lab.warehouse, lab.models_dir) is None
    result = lab.train()
    assert result.model_versions.height == 0
    assert result.method_scores.height == 0
    assert result.predictions.height == 0


def test_without_measurements_a_published_formula_answers(fresh_lab):
    lab = fresh_lab()
    lab.execute("delete from fct_inference_benchmarks")
    lab.execute("delete from fct_training_runs where is_truth")
    result = lab.train()
    assert result.method_scores.height == 0
    row = lab.predict("training", [{"hardware": "H100", "device_hours": 1e5}]).row(0, named=True)
    # 100,000 h x 700 W = 70,000 kWh
    assert row["method"] == "ml_co2_impact"
    assert row["energy_kwh"] == pytest.approx(70_000)
    assert row["interval_kind"] == "assumed_range"
    # A factor of 3 on each side.
    assert row["energy_upper_kwh"] / row["energy_lower_kwh"] == pytest.approx(9)


def test_a_better_challenger_is_promoted(incumbent):
    _, errors, decide = incumbent
    assert decide([candidate("xgboost", scaled(errors, 0.5))]).model_version == (
        "inference-xgboost-new"
    )


def test_a_worse_challenger_is_not_promoted(incumbent):
    row, errors, decide = incumbent
    promotion = decide([candidate("xgboost", scaled(errors, 1.5))])
    assert promotion.model_version == row["model_version"]
    assert promotion.reason == "no challenger was better"


def test_an_equal_challenger_is_not_promoted(incumbent):
    row, errors, decide = incumbent
    assert decide([candidate("xgboost", dict(errors))]).model_version == row["model_version"]


def test_a_challenger_that_shone_on_other_rows_is_judged_on_the_common_ones(incumbent):
    row, errors, decide = incumbent
    easy = {f"easy-{n}": 0.0 for n in range(500)}
    promotion = decide([candidate("xgboost", {**scaled(errors, 1.5), **easy})])
    assert promotion.model_version == row["model_version"]


def test_the_champions_method_is_refreshed_on_changed_data(incumbent):
    _, errors, decide = incumbent
    fresh = candidate("linear", scaled(errors, 1.01))
    assert decide([fresh], data="other").model_version == fresh.model_version
    assert decide([fresh]).reason == "no challenger was better"


def test_a_champion_that_became_worse_on_changed_data_stays(incumbent):
    row, errors, decide = incumbent
    promotion = decide([candidate("linear", scaled(errors, 1.5))], data="other")
    assert promotion.model_version == row["model_version"]


def test_a_champion_that_cannot_be_read_is_replaced(incumbent, tmp_path):
    _, errors, decide = incumbent
    worse = candidate("xgboost", scaled(errors, 3))
    promotion = decide([worse], models_dir=tmp_path)
    assert promotion.model_version == worse.model_version
    assert "cannot be read" in promotion.reason


def test_a_champion_of_other_features_is_replaced(incumbent):
    _, errors, decide = incumbent
    worse = candidate("xgboost", scaled(errors, 3))
    assert decide([worse], feature_version="other").model_version == worse.model_version


def test_a_method_that_answers_few_rows_is_no_champion(tmp_path):
    narrow = candidate("narrow", {"a": 0.001}, answered_share=0.1)
    broad = candidate("broad", {"a": 0.3, "b": 0.3})
    promotion = choose_champion(
        [narrow, broad], None, tmp_path, feature_version="", training_data_sha256=""
    )
    assert promotion.model_version == broad.model_version


def test_retraining_on_the_same_data_gives_the_same_and_keeps_the_champion(copied):
    before = copied.result
    predicted = copied.predict("inference", [{"parameters_total": 8e9, "gpu": "H100"}])
    result = copied.train("run-2")
    changing = ["model_version", "evaluated_at"]
    assert_frame_equal(
        result.method_scores.drop(changing),
        before.method_scores.drop(changing),
        abs_tol=0,
        rel_tol=0,
    )
    versions, earlier = result.model_versions, before.model_versions
    assert versions.height == 2 * earlier.height
    assert set(earlier["model_version"]) < set(versions["model_version"])
    assert sorted(versions.filter("is_champion")["model_version"]) == sorted(
        earlier.filter("is_champion")["model_version"]
    )
    assert set(result.promotions.values()) == {"no challenger was better"}
    again = copied.predict("inference", [{"parameters_total": 8e9, "gpu": "H100"}])
    assert_frame_equal(again, predicted)


def test_held_out_predictions_carry_the_interval_that_was_scored(trained):
    stored = trained.result.predictions.filter(
        (pl.col("task") == "inference") & (pl.col("method") == "linear")
    )
    assert (stored["energy_lower"] < stored["energy_predicted"]).all()
    assert (stored["energy_predicted"] < stored["energy_upper"]).all()
    covered = stored["energy_measured"].is_between(stored["energy_lower"], stored["energy_upper"])
    score = trained.result.method_scores.filter(
        (pl.col("task") == "inference")
        & (pl.col("method") == "linear")
        & (pl.col("split") == "leave_family_out")
        & (pl.col("slice_name") == "all")
    )
    assert covered.mean() == pytest.approx(score["coverage_share"][0])
