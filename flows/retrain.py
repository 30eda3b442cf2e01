"""Training, when there is reason, and the predictions of the champions."""

from __future__ import annotations

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.progress import note, step
from flows.publish import publish_build
from flows.transform import begin_build, build_marts, build_what_every_run_changes
from flows.writing import Writing, run_name, writing
from warehouse.connections import build_connection
from warehouse.read import BuildWarehouse
from warehouse.recording import write_ml_output


@flow(name="retrain", flow_run_name=run_name("retrain"))
def retrain(as_of: datetime | None = None, wait_s: float | None = None) -> str:
    """Train every method anew on the raw tables as they are, and publish what follows.

    Returns:
        The build id.
    """
    with writing("retrain", as_of, wait_s=wait_s) as current:
        begin_build(current)
        build_marts(current)
        train(current, "asked for")
        build_what_every_run_changes(current)
        return publish_build(current).build_id


def reason_to_train(current: Writing) -> str | None:
    """Why the models should be trained now; None if they need not be."""
    from ml.train import should_train

    return should_train(BuildWarehouse(current.settings), current.settings.models_dir)


@task(name="train", task_run_name="train", cache_policy=NO_CACHE)
def train(current: Writing, reason: str) -> None:
    """Train, score and register every method; write versions, scores and predictions."""
    from ml.train import train_all

    with step("train") as progress:
        progress.advance(f"because: {reason}")
        result = train_all(
            BuildWarehouse(current.settings),
            current.settings.models_dir,
            current.run,
            build_id=current.record.build_id,
        )
        with build_connection(current.settings) as connection:
            # The versions come last: once they are there, no reason to train is left.
            write_ml_output(connection, "method_scores", result.method_scores)
            write_ml_output(connection, "predictions", result.predictions)
            write_ml_output(connection, "model_versions", result.model_versions)
        for task_name, promotion in result.promotions.items():
            note(f"{task_name}: {promotion}")
        progress.detail = (
            f"{result.model_versions.height} versions, {result.predictions.height:,} predictions"
        )
