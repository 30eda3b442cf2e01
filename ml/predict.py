"""Prediction of energy and carbon for a user's rows: the package's public face.

``docs/prediction.md`` holds the schema of the inputs and outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ml.checks import RowChecks, check_rows
from ml.columns import INPUTS, OUTPUTS
from ml.emissions import emissions
from ml.features import read_features
from ml.inputs import TypedInputs, typed_inputs
from ml.intervals import check_level
from ml.messages import SEPARATOR
from ml.register import median_factor, registered_versions
from ml.serving import ServedModel, answers, served_models
from ml.tasks import Task, task_named
from ml.versions import feature_version
from warehouse.errors import ArtifactError
from warehouse.read import Queryable

INPUT_COLUMNS: dict[str, tuple[str, ...]] = {
    task: tuple(column.name for column in columns) for task, columns in INPUTS.items()
}
OUTPUT_COLUMNS: dict[str, tuple[str, ...]] = {
    task: tuple(columns) for task, columns in OUTPUTS.items()
}

_JOULES_PER_KWH = 3.6e6


def predict(
    task: str,
    inputs: pl.DataFrame,
    *,
    warehouse: Queryable,
    models_dir: Path,
    interval_level: float = 0.9,
    method: str | None = None,
) -> pl.DataFrame:
    """Predict each row of ``inputs``.

    Returns the input columns as they came (one that is also an output column is replaced in
    place), then the task's output columns, one row a row and in their order. A row that cannot be
    predicted has empty numbers and the reason in ``error``. ``method`` names one method to answer;
    by default the champion does, and where it cannot, the best method that can.

    Raises:
        InputError: an argument is wrong, or the table has no input column of the task.
        ArtifactError: no model is registered, or an artifact is missing or was changed.
    """
    check_level(interval_level)
    known_task = task_named(task)
    request = _Request.read(known_task, inputs, warehouse)
    models = served_models(warehouse, models_dir, known_task, method)
    output = request.answered(models, interval_level, warehouse, asked_method=method)
    return _with_outputs(inputs, output)


def compare_methods(
    task: str,
    inputs: pl.DataFrame,
    *,
    warehouse: Queryable,
    models_dir: Path,
    interval_level: float = 0.9,
) -> pl.DataFrame:
    """Every method's answer to every row, the champion first, the published formulas among them.

    Columns: ``row_index`` (0 for the first row), ``method_title``, ``method_kind``,
    ``is_champion``, ``median_factor_error`` (on held-out measurements, null if never measured) and
    the output columns of :func:`predict`.

    Raises:
        InputError: an argument is wrong, or the table has no input column of the task.
        ArtifactError: no model is registered, or an artifact is missing or was changed.
    """
    check_level(interval_level)
    known_task = task_named(task)
    request = _Request.read(known_task, inputs, warehouse)
    factors = {
        row["model_version"]: median_factor(row)
        for row in registered_versions(warehouse, known_task).iter_rows(named=True)
    }
    compared = []
    for model in served_models(warehouse, models_dir, known_task):
        output = request.answered(
            [model], interval_level, warehouse, asked_method=model.method.name
        )
        factor = factors[model.model_version]
        compared.append(
            output.select(
                pl.int_range(pl.len(), dtype=pl.Int64).alias("row_index"),
                pl.lit(model.method.title).alias("method_title"),
                pl.lit(model.method.kind).alias("method_kind"),
                pl.lit(model.is_champion).alias("is_champion"),
                pl.lit(None if factor == float("inf") else factor, dtype=pl.Float64).alias(
                    "median_factor_error"
                ),
                *output.columns,
            ).with_columns(
                pl.lit(model.method.name).alias("method"),
                pl.lit(model.model_version).alias("model_version"),
            )
        )
    return pl.concat(compared).sort("row_index", maintain_order=True)


@dataclass(frozen=True)
class _Request:
    """A user's rows, read, resolved and checked once, for any number of methods."""

    task: Task
    typed: TypedInputs
    features: pl.DataFrame
    checks: RowChecks
    feature_version: str

    @classmethod
    def read(cls, task: Task, inputs: pl.DataFrame, warehouse: Queryable) -> _Request:
        typed = typed_inputs(task, inputs)
        features = read_features(warehouse, task, typed.rows)
        try:
            checks = check_rows(warehouse, task, typed.rows, features)
        except pl.exceptions.ColumnNotFoundError as error:
            raise ArtifactError(
                "the published warehouse was built by another version of Joulehouse: "
                f"{str(error).split(';')[0]}.",
                remedy="Run `joulehouse refresh`.",
            ) from error
        return cls(
            task=task,
            typed=typed,
            features=features,
            checks=checks,
            feature_version=feature_version(warehouse, task),
        )

    def answered(
        self,
        models: list[ServedModel],
        level: float,
        warehouse: Queryable,
        *,
        asked_method: str | None,
    ) -> pl.DataFrame:
        """The output columns of each row, in their order."""
        answer = answers(self.task, self.features, models, level)
        pue_ratio = self.typed.rows["pue_ratio"]
        overhead = pue_ratio.fill_null(1.0)
        to_kwh = 1.0 if self.task.name == "training" else 1 / _JOULES_PER_KWH
        per_request = (
            pl.repeat(1.0, self.typed.rows.height, eager=True)
            if self.task.name == "training"
            else self.typed.rows["output_tokens"]
        )
        energies = pl.DataFrame(
            {
                "row_index": self.typed.rows["row_index"],
                "region": self.typed.rows["region"],
                **{
                    f"{name}_kwh": answer[name] * overhead * per_request * to_kwh
                    for name in ("energy", "energy_lower", "energy_upper")
                },
            }
        )
        emitted = emissions(warehouse, energies)
        table = pl.DataFrame(
            {
                "errors": self.typed.errors,
                "row_errors": self.checks.errors,
                "typed_warnings": self.typed.warnings,
                "row_warnings": self.checks.warnings,
                "answer_warnings": answer["warnings"],
                "emission_warnings": emitted["warnings"],
                "missing": self.checks.missing_inputs,
                "pue_ratio": pue_ratio,
                "energy": answer["energy"] * overhead,
                "energy_lower": answer["energy_lower"] * overhead,
                "energy_upper": answer["energy_upper"] * overhead,
                "energy_kwh_per_request": energies["energy_kwh"],
                "boundary": answer["boundary"],
                "interval_kind": answer["interval_kind"],
                "method": answer["method"],
                "model_version": answer["model_version"],
            }
        ).hstack(emitted.drop("row_index", "is_region_known", "warnings"))
        no_answer = f"{asked_method or 'no registered method'} cannot answer with these inputs"
        return self._laid_out(table, level, models, no_answer)

    def _laid_out(
        self, table: pl.DataFrame, level: float, models: list[ServedModel], no_answer: str
    ) -> pl.DataFrame:
        trained_with = {model.artifact.manifest["feature_version"] for model in models}
        stale = None
        if trained_with != {self.feature_version}:
            stale = "the feature SQL changed since training, run `joulehouse refresh`"
        has_pue = pl.col("pue_ratio").is_not_null()
        host_left_out = pl.when(has_pue & (pl.col("boundary") == "accelerator")).then(
            pl.lit("PUE applied to the accelerators alone, the rest of the server is left out")
        )
        table = table.with_columns(
            _joined("errors", "row_errors")
            .fill_null(pl.when(pl.col("energy").is_null()).then(pl.lit(no_answer)))
            .alias("error")
        )
        error = pl.col("error")
        warnings = _joined(
            "typed_warnings",
            "row_warnings",
            pl.when(error.is_null()).then("answer_warnings"),
            pl.when(error.is_null()).then(host_left_out),
            "emission_warnings",
            pl.lit(stale, dtype=pl.String),
        )
        is_good = error.is_null()
        energy = self._energy_columns()
        columns = {
            "functional_unit": pl.lit(self.task.functional_unit),
            **{name: pl.when(is_good).then(source) for name, source in energy.items()},
            "interval_level": pl.when(is_good).then(pl.lit(level, dtype=pl.Float64)),
            "interval_kind": pl.when(is_good).then("interval_kind"),
            "carbon_intensity_gco2e_per_kwh": pl.when(is_good).then(
                "carbon_intensity_gco2e_per_kwh"
            ),
            "intensity_basis": pl.when(is_good).then("intensity_basis"),
            "intensity_source": pl.when(is_good).then("intensity_source"),
            "boundary": pl.when(is_good).then(
                pl.when(has_pue).then(pl.lit("facility")).otherwise("boundary")
            ),
            "method": pl.when(is_good).then("method"),
            "model_version": pl.when(is_good).then("model_version"),
            "missing_inputs": pl.col("missing").fill_null(""),
            "warnings": warnings.fill_null(""),
            "error": error.fill_null(""),
        }
        declared = OUTPUTS[self.task.name]
        return table.select(
            columns[name].cast(dtype).alias(name) for name, dtype in declared.items()
        )

    def _energy_columns(self) -> dict[str, pl.Expr]:
        if self.task.name == "training":
            return {
                "energy_kwh": pl.col("energy"),
                "energy_lower_kwh": pl.col("energy_lower"),
                "energy_upper_kwh": pl.col("energy_upper"),
                "emissions_kgco2e": pl.col("emissions_kgco2e"),
                "emissions_lower_kgco2e": pl.col("emissions_lower_kgco2e"),
                "emissions_upper_kgco2e": pl.col("emissions_upper_kgco2e"),
            }
        return {
            "energy_j_per_unit": pl.col("energy"),
            "energy_lower_j_per_unit": pl.col("energy_lower"),
            "energy_upper_j_per_unit": pl.col("energy_upper"),
            "energy_wh_per_request": pl.col("energy_kwh_per_request") * 1000,
            "emissions_gco2e_per_request": pl.col("emissions_kgco2e") * 1000,
            "emissions_lower_gco2e_per_request": pl.col("emissions_lower_kgco2e") * 1000,
            "emissions_upper_gco2e_per_request": pl.col("emissions_upper_kgco2e") * 1000,
        }


def _joined(*parts: str | pl.Expr) -> pl.Expr:
    """The messages that are not null, joined; null if there is none."""
    text = pl.concat_str(*parts, separator=SEPARATOR, ignore_nulls=True)
    return pl.when(text != "").then(text)


def _with_outputs(inputs: pl.DataFrame, output: pl.DataFrame) -> pl.DataFrame:
    """The input columns as they came, each that is an output replaced in place, then the rest."""
    return inputs.with_columns(output.get_columns())
