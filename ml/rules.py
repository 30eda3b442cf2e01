"""The rules of each task: what makes a row impossible, and what makes it doubtful.

Each rule is a pair of Polars expressions, a condition and a message, over the row as it was typed
(columns ``given_*``), its features, and ``nearest_model_alias`` and ``nearest_hardware_alias``.
"""

from __future__ import annotations

import polars as pl

from ml.messages import Rule, shown

OUTPUT_TOKEN_TASKS = ("text", "code", "image_chat", "video_chat")
_OTHER_UNIT_TASKS = ("text_to_image", "text_to_video")
_ARCHITECTURES = "dense, moe, hybrid"
_PRECISIONS = "fp32, tf32, bf16, fp16, fp8, int8, fp4, int4"


def _shown(column: str) -> pl.Expr:
    return shown(pl.col(column))


def _number(column: str) -> pl.Expr:
    return pl.col(column).round_sig_figs(4)


def _nearest(column: str) -> pl.Expr:
    return pl.format(" (nearest: {})", pl.col(f"nearest_{column}"))


def _unknown_name(column: str, alias: str, identifier: str) -> Rule:
    is_unknown = pl.col(alias).is_not_null() & pl.col(identifier).is_null()
    name = column.removeprefix("given_")
    return is_unknown, pl.concat_str(
        pl.format("{} '{}' is not known", pl.lit(name), _shown(column)),
        _nearest(alias).fill_null(""),
    )


def _unreadable_name(column: str, alias: str) -> Rule:
    """A name without a single letter or digit has no alias and would count as absent."""
    name = column.removeprefix("given_")
    return pl.col(column).is_not_null() & pl.col(alias).is_null(), pl.format(
        "{} '{}' is not a name", pl.lit(name), _shown(column)
    )


def _training_errors() -> list[Rule]:
    return [
        _unknown_name("given_hardware", "hardware_alias", "hardware_id"),
        _unreadable_name("given_hardware", "hardware_alias"),
        _more_active_than_total(),
        (
            pl.col("reference_energy_kwh").is_null(),
            pl.concat_str(
                pl.lit(
                    "nothing to go by: give device_hours, or duration_h with hardware_count, or "
                    "training_compute_flop, or tokens with parameters_total"
                ),
                pl.when(pl.col("model_alias").is_not_null() & pl.col("model_id").is_null())
                .then(pl.format(" (model_name '{}' is not known)", _shown("given_model_name")))
                .otherwise(pl.lit("")),
            ),
        ),
    ]


def _training_warnings() -> list[Rule]:
    product = pl.col("given_duration_h") * pl.col("given_hardware_count")
    dense_flop = 6 * pl.col("parameters_active") * pl.col("tokens")
    flop_ratio = pl.col("given_training_compute_flop") / dense_flop
    return [
        *_common_warnings("hardware"),
        (
            (pl.col("given_device_hours") / product - 1).abs() > 0.05,
            pl.format(
                "device_hours differs from duration_h x hardware_count = {}, device_hours was used",
                product.round_sig_figs(4),
            ),
        ),
        (
            pl.col("is_tokens_from_epochs"),
            pl.lit("tokens taken as dataset_size x epochs, read as tokens"),
        ),
        (
            pl.col("is_flop_from_total_parameters"),
            pl.lit("parameters_active unknown, FLOP counted on all parameters"),
        ),
        (
            (flop_ratio > 3) | (flop_ratio < 1 / 3),
            pl.format(
                "training_compute_flop is {} times 6 x parameters_active x tokens",
                flop_ratio.round_sig_figs(3),
            ),
        ),
        (
            pl.col("implied_utilization_ratio") > 1,
            pl.format(
                "the hours are too few for the FLOP: they imply {} times the hardware's peak",
                _number("implied_utilization_ratio"),
            ),
        ),
        (
            pl.col("implied_utilization_ratio") < 0.01,
            pl.format(
                "the hours are many for the FLOP: they imply a utilisation of {} (are they hours?)",
                _number("implied_utilization_ratio"),
            ),
        ),
        (
            pl.col("given_duration_h") > 8784,
            pl.lit("duration_h is more than a year (is it in hours?)"),
        ),
    ]


def _inference_errors() -> list[Rule]:
    task = pl.col("given_task").str.to_lowercase()
    weights_gb = _weights_gb()
    memory_gb = pl.col("memory_gb") * pl.col("gpu_count")
    return [
        _unknown_name("given_gpu", "hardware_alias", "hardware_id"),
        _unreadable_name("given_gpu", "hardware_alias"),
        _more_active_than_total(),
        (
            pl.col("parameters_total").is_null() & pl.col("parameters_active").is_null(),
            pl.concat_str(
                pl.lit(
                    "nothing to go by: give parameters_total, or parameters_active, or the "
                    "model_name of a known model with known parameters"
                ),
                pl.when(pl.col("model_alias").is_not_null() & pl.col("model_id").is_null())
                .then(
                    pl.concat_str(
                        pl.format(", model_name '{}' is not known", _shown("given_model_name")),
                        _nearest("model_alias").fill_null(""),
                    )
                )
                .otherwise(pl.lit("")),
            ),
        ),
        (
            pl.col("precision") == "unknown",
            pl.format(
                "precision '{}' is not known (one of {})",
                _shown("given_precision"),
                pl.lit(_PRECISIONS),
            ),
        ),
        (
            pl.col("is_architecture_unknown"),
            pl.format(
                "architecture '{}' is not known (one of {})",
                _shown("given_architecture"),
                pl.lit(_ARCHITECTURES),
            ),
        ),
        (
            task.is_in(_OTHER_UNIT_TASKS),
            pl.format(
                "task '{}' writes no tokens, the methods predict energy per output token",
                _shown("given_task"),
            ),
        ),
        (
            ~task.is_in([*OUTPUT_TOKEN_TASKS, *_OTHER_UNIT_TASKS]),
            pl.format(
                "task '{}' is not known (one of {})",
                _shown("given_task"),
                pl.lit(", ".join(OUTPUT_TOKEN_TASKS)),
            ),
        ),
        (
            weights_gb > memory_gb,
            pl.format(
                "the weights need {} GB, {} x {} has {} GB",
                weights_gb.round_sig_figs(4),
                pl.col("gpu_count").cast(pl.Int64),
                pl.col("hardware_name"),
                memory_gb.round_sig_figs(4),
            ),
        ),
    ]


def _inference_warnings() -> list[Rule]:
    task = pl.col("given_task").str.to_lowercase()
    memory_gb = pl.col("memory_gb") * pl.col("gpu_count")
    weights_gb = _weights_gb()
    return [
        *_common_warnings("gpu"),
        (
            (weights_gb > 0.9 * memory_gb) & (weights_gb <= memory_gb),
            pl.format(
                "the weights fill {} of {} GB of memory, little is left for requests",
                weights_gb.round_sig_figs(3),
                memory_gb.round_sig_figs(3),
            ),
        ),
        (
            task.is_in(OUTPUT_TOKEN_TASKS[1:]),
            pl.format("task {} was never measured, text was", task),
        ),
        (
            pl.col("given_concurrency") < 1,
            pl.lit("concurrency is below 1, while a request runs it is at least 1"),
        ),
        (
            pl.col("given_input_tokens") > 10 * pl.col("given_output_tokens"),
            pl.lit(
                "input_tokens are more than ten times output_tokens: the measured chats had short "
                "prompts, and a long prompt's energy is not in this figure"
            ),
        ),
    ]


def _weights_gb() -> pl.Expr:
    size = pl.coalesce("parameters_total", "parameters_active")
    return size * pl.col("bytes_per_parameter") / 1e9


def _more_active_than_total() -> Rule:
    return (
        pl.col("parameters_active") > pl.col("parameters_total") * (1 + 1e-9),
        pl.format(
            "parameters_active {} is more than parameters_total {}",
            _number("parameters_active"),
            _number("parameters_total"),
        ),
    )


def _common_warnings(hardware: str) -> list[Rule]:
    is_unknown, message = _unknown_name("given_model_name", "model_alias", "model_id")
    rules: list[Rule] = [
        (is_unknown & pl.col("ln_reference_energy").is_not_null(), message),
        _unreadable_name("given_model_name", "model_alias"),
        (
            pl.col("is_hardware_ambiguous"),
            pl.format(
                "{} '{}' is ambiguous, read as {} ({} W)",
                pl.lit(hardware),
                _shown(f"given_{hardware}"),
                pl.col("hardware_name"),
                pl.col("tdp_w").cast(pl.Int64),
            ),
        ),
        (
            pl.col("is_model_ambiguous"),
            pl.format(
                "model_name '{}' is ambiguous, read as {}",
                _shown("given_model_name"),
                pl.col("model_name_known"),
            ),
        ),
        (
            pl.col("hardware_id").is_not_null() & pl.col("tdp_w").is_null(),
            pl.format("the TDP of {} is not known", pl.col("hardware_name")),
        ),
    ]
    for name in ("parameters_total", "parameters_active"):
        known = pl.col(f"{name}_known")
        rules.append(
            (
                (pl.col(f"given_{name}") / known - 1).abs() > 0.1,
                pl.format(
                    "{} given as {}, {} has {}",
                    pl.lit(name),
                    _number(f"given_{name}"),
                    pl.col("model_name_known"),
                    known.round_sig_figs(4),
                ),
            )
        )
    return rules


RULES = {
    "training": (_training_errors, _training_warnings),
    "inference": (_inference_errors, _inference_warnings),
}
