"""The raw tables of the ML.ENERGY leaderboard. Field names and units are the provider's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from warehouse.tables import Column, Table

# Beyond these a figure is no measurement of a server: the unit is wrong, or the row.
_POWER_W = (1.0, 1e5)
_ENERGY_PER_TOKEN_J = (1e-6, 1e4)
_ENERGY_PER_OUTPUT_J = (1e-3, 1e9)
_MAX_GPUS = 1024


def _text(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pl.String, description, required=required)


def _whole(name: str, description: str, maximum: float | None = None) -> Column:
    return Column(name, pl.Int64, description, unit="count", minimum=1, maximum=maximum)


def _measure(name: str, description: str, unit: str) -> Column:
    return Column(name, pl.Float64, description, unit=unit, minimum=0)


def _energy(name: str, description: str, bounds: tuple[float, float]) -> Column:
    lower, upper = bounds
    return Column(
        name,
        pl.Float64,
        description,
        unit="J",
        required=True,
        minimum=lower,
        maximum=upper,
    )


_BILLIONS = (
    Column("total_params_billions", pl.Float64, "Total parameters", unit="billion", minimum=0),
    Column(
        "activated_params_billions",
        pl.Float64,
        "Parameters active per token",
        unit="billion",
        minimum=0,
    ),
)
_POWER = Column(
    "avg_power_watts",
    pl.Float64,
    "Mean power of all GPUs together in the steady state",
    unit="W",
    minimum=_POWER_W[0],
    maximum=_POWER_W[1],
)
_WHERE = (
    Column(
        "file_kind",
        pl.String,
        "Kind of file that holds the row: task, or model for the same row in a model's own file",
        required=True,
        allowed=("task", "model"),
    ),
    _text("task", "Task of the benchmark", required=True),
    _text("model_id", "Model's repository on Hugging Face", required=True),
    _text("nickname", "Model name as displayed"),
    _text("architecture", "Architecture of the model, in the provider's words"),
    *_BILLIONS,
    _text("weight_precision", "Number format of the weights"),
    _text("gpu_model", "GPU model", required=True),
    Column(
        "num_gpus",
        pl.Int64,
        "GPUs that served the model",
        unit="count",
        required=True,
        minimum=1,
        maximum=_MAX_GPUS,
    ),
)
_REPEAT = Column(
    "repeat",
    pl.Int64,
    "Which of several rows of the same configuration in one file; counted by the parser",
    unit="count",
    required=True,
)
_TOKEN_SETTINGS = (
    _whole("tensor_parallel", "Degree of tensor parallelism"),
    _whole("expert_parallel", "Degree of expert parallelism"),
    _whole("data_parallel", "Degree of data parallelism"),
    _whole("max_num_seqs", "Configured cap on sequences served at once"),
)
_DEGREES = (
    _whole("ulysses_degree", "Degree of Ulysses sequence parallelism"),
    _whole("ring_degree", "Degree of ring sequence parallelism"),
    _whole("batch_size", "Outputs made at once"),
    _whole("inference_steps", "Denoising steps"),
)
_OF_ROW = ("file_kind", "task", "model_id", "weight_precision", "gpu_model", "num_gpus")


def _key(settings: tuple[Column, ...]) -> tuple[str, ...]:
    return (*_OF_ROW, *(column.name for column in settings), "repeat")


MODELS = Table(
    "mlenergy_models",
    "One row per version of a model in the leaderboard's index",
    (
        _text("model_id", "Model's repository on Hugging Face", required=True),
        _text("nickname", "Model name as displayed"),
        _text("architecture", "Architecture of the model, in the provider's words"),
        *_BILLIONS,
        _text("weight_precision", "Number format of the weights"),
    ),
    key=("model_id",),
    is_versioned=True,
)

CONFIGURATIONS = Table(
    "mlenergy_configurations",
    "One row per version of a measured configuration of a model that writes text",
    (
        *_WHERE,
        *_TOKEN_SETTINGS,
        _REPEAT,
        _measure("avg_batch_size", "Mean number of requests being served", "count"),
        _measure("avg_output_len", "Mean output tokens of a request", "count"),
        _POWER,
        _energy("energy_per_token_joules", "GPU energy of one output token", _ENERGY_PER_TOKEN_J),
        _measure("energy_per_request_joules", "GPU energy of one request", "J"),
        _measure("output_throughput_tokens_per_sec", "Output tokens per second of all GPUs", "1/s"),
        _measure("median_itl_ms", "Median inter-token latency", "ms"),
        _measure("p90_itl_ms", "90th percentile of the inter-token latency", "ms"),
        _measure("p95_itl_ms", "95th percentile of the inter-token latency", "ms"),
        _measure("p99_itl_ms", "99th percentile of the inter-token latency", "ms"),
    ),
    key=_key(_TOKEN_SETTINGS),
    is_versioned=True,
    not_compared=("nickname",),
)

_IMAGE_SETTINGS = (
    *_DEGREES,
    _whole("image_height", "Height of an image in pixels"),
    _whole("image_width", "Width of an image in pixels"),
)

IMAGES = Table(
    "mlenergy_images",
    "One row per version of a measured configuration of a model that makes images",
    (
        *_WHERE,
        *_IMAGE_SETTINGS,
        _REPEAT,
        _measure("batch_latency_s", "Time that one batch takes", "s"),
        _POWER,
        _energy("energy_per_image_joules", "GPU energy of one image", _ENERGY_PER_OUTPUT_J),
        _measure("throughput_images_per_sec", "Images per second of all GPUs", "1/s"),
    ),
    key=_key(_IMAGE_SETTINGS),
    is_versioned=True,
    not_compared=("nickname",),
)

_VIDEO_SETTINGS = (
    *_DEGREES,
    _whole("video_height", "Height of a frame in pixels"),
    _whole("video_width", "Width of a frame in pixels"),
    _whole("num_frames", "Frames of a video"),
    Column("fps", pl.Float64, "Frames per second of a video", unit="1/s", minimum=0),
)

VIDEOS = Table(
    "mlenergy_videos",
    "One row per version of a measured configuration of a model that makes videos",
    (
        *_WHERE,
        *_VIDEO_SETTINGS,
        _REPEAT,
        _measure("batch_latency_s", "Time that one batch takes", "s"),
        _POWER,
        _energy("energy_per_video_joules", "GPU energy of one video", _ENERGY_PER_OUTPUT_J),
        _measure("throughput_videos_per_sec", "Videos per second of all GPUs", "1/s"),
    ),
    key=_key(_VIDEO_SETTINGS),
    is_versioned=True,
    not_compared=("nickname",),
)

_BIN = Column(
    "bin_number", pl.Int64, "Place of the bin, from 1 on", unit="count", required=True, minimum=1
)

OUTPUT_LENGTHS = Table(
    "mlenergy_output_lengths",
    "One row per version of a bin of the distribution of output tokens in one configuration",
    (
        *(column for column in _WHERE if column.name in _OF_ROW),
        *_TOKEN_SETTINGS,
        _REPEAT,
        _BIN,
        Column(
            "lower_tokens",
            pl.Float64,
            "Lower end of the bin",
            unit="count",
            required=True,
            minimum=0,
        ),
        Column(
            "upper_tokens",
            pl.Float64,
            "Upper end of the bin",
            unit="count",
            required=True,
            minimum=0,
        ),
        Column(
            "request_count",
            pl.Int64,
            "Requests whose answer has so many tokens",
            unit="count",
            required=True,
            minimum=0,
        ),
    ),
    key=(*_key(_TOKEN_SETTINGS), "bin_number"),
    is_versioned=True,
)

# The field that says what a configuration makes, and the table that holds it.
BY_ENERGY: Mapping[str, Table] = MappingProxyType(
    {
        "energy_per_token_joules": CONFIGURATIONS,
        "energy_per_image_joules": IMAGES,
        "energy_per_video_joules": VIDEOS,
    }
)
BY_TASK: Mapping[str, Table] = MappingProxyType(
    {
        "gpqa": CONFIGURATIONS,
        "lm-arena-chat": CONFIGURATIONS,
        "sourcegraph-fim": CONFIGURATIONS,
        "image-chat": CONFIGURATIONS,
        "video-chat": CONFIGURATIONS,
        "text-to-image": IMAGES,
        "text-to-video": VIDEOS,
    }
)
