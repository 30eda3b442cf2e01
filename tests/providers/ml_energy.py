"""The ML.ENERGY leaderboard's JSON: an index, seven tasks, one file a model and task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from local_providers import World
from local_providers.faults import ActiveFaults
from local_providers.static_files import FileProvider, Writer

TASKS = {
    "gpqa": "Problem Solving (GPQA)",
    "lm-arena-chat": "Text Conversation (LM Arena)",
    "sourcegraph-fim": "Fill-in-the-Middle (Sourcegraph)",
    "image-chat": "Image Chat",
    "video-chat": "Video Chat",
    "text-to-image": "Text to Image",
    "text-to-video": "Text to Video",
}
ARCHITECTURES = {
    "diffusion": ["text-to-image", "text-to-video"],
    "llm": ["gpqa", "lm-arena-chat", "sourcegraph-fim"],
    "mllm": ["image-chat", "video-chat"],
}
PARALLEL_FIELDS = ("tensor_parallel", "expert_parallel", "data_parallel")
DIFFUSION_PARALLEL_FIELDS = ("ring_degree", "ulysses_degree")

# Model, nickname (None: there is none), architecture, total and activated parameters (billions),
# precision, kind. The models and the numbers are invented.
_MODELS = (
    ("Birdwatch/Sparrow-7B-Instruct", "Sparrow 7B", "Dense Transformer", 7.0, 7.0, "bfloat16",
     "llm"),
    ("Birdwatch/Heron-120B-A9B-FP8", "Heron 120B A9B FP8", "MoE", 120.0, 9.0, "fp8", "llm"),
    ("nest-labs/Wren-12B-v2-VL", None, "Mamba-Transformer Hybrid", 12.0, 12.0, "bfloat16", "mllm"),
    ("easel/Kingfisher-1.6B-diffusers", "Kingfisher-Σ", None, 1.6, 1.6, "bfloat16", "diffusion"),
)  # fmt: skip
_GPUS = (("H100", 1), ("B200", 2))
_BATCHES = (8, 64)


class MlEnergy(FileProvider):
    """The files under ``public/data``.

    Attributes:
        configurations: the rows of every task, as the task's file shows them.
        last_updated: the date in the index.
    """

    source_id = "ml-energy"
    base_url_env = "JOULEHOUSE_ML_ENERGY_URL"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.last_updated = "2026-02-16"
        self.configurations: dict[str, list[dict[str, Any]]] = {
            task: [
                configuration(task, model, gpu, count, batch)
                for model in _MODELS
                if task in ARCHITECTURES[model[6]]
                for gpu, count in _GPUS
                for batch in _BATCHES
            ]
            for task in TASKS
        }

    def files(self) -> Mapping[str, Writer]:
        """The index, the tasks, the models."""
        made: dict[str, Writer] = {"index.json": lambda _faults: _json(self.index())}
        for task in TASKS:
            made[f"tasks/{task}.json"] = partial(self._task, task)
            for model_id in dict.fromkeys(row["model_id"] for row in self.configurations[task]):
                name = f"models/{model_id.replace('/', '__')}__{task}.json"
                made[name] = partial(self._model, model_id, task)
        return made

    def correct(self, task: str, model_id: str, **values: object) -> None:
        """Change every row of a model in a task, as a re-run of the benchmark does."""
        for row in self.configurations[task]:
            if row["model_id"] == model_id:
                row.update(values)

    def index(self) -> dict[str, Any]:
        """What ``index.json`` holds."""
        return {
            "architectures": ARCHITECTURES,
            "last_updated": self.last_updated,
            "models": {model[0]: _about(model) for model in sorted(_MODELS)},
            "tasks": list(TASKS),
        }

    def _task(self, task: str, faults: ActiveFaults) -> bytes:
        return _json(
            {
                "configurations": faults.disturb(self.configurations[task]),
                "task": task,
                "task_display_name": TASKS[task],
            }
        )

    def _model(self, model_id: str, task: str, faults: ActiveFaults) -> bytes:
        rows = [row for row in self.configurations[task] if row["model_id"] == model_id]
        shared = ("activated_params_billions", "architecture", "model_id", "nickname")
        shared = (*shared, "total_params_billions", "weight_precision")
        top = {name: rows[0][name] for name in shared if name in rows[0]} | {"task": task}
        is_text = task not in ARCHITECTURES["diffusion"]
        if is_text:
            top["output_length_distribution"] = _distribution(900)
        nested = [_nested(row, shared, is_text) for row in rows]
        return _json(top | {"configurations": faults.disturb(nested)})


def configuration(
    task: str, model: tuple[Any, ...], gpu: str, gpu_count: int, batch: int
) -> dict[str, Any]:
    """One row of a task. The model decides the energy, the batch divides it."""
    power_w = round(310.5 * gpu_count + batch, 3)
    row = {"model_id": model[0], **_about(model), "gpu_model": gpu, "num_gpus": gpu_count}
    if task in ARCHITECTURES["diffusion"]:
        thing = "image" if task == "text-to-image" else "video"
        energy = round(model[3] * 1900 / batch * (1 if thing == "image" else 40), 4)
        row |= {
            "avg_power_watts": power_w,
            "batch_latency_s": round(energy * batch / power_w, 5),
            "batch_size": batch,
            f"energy_per_{thing}_joules": energy,
            f"{thing}_height": 1024,
            f"{thing}_width": 768,
            "inference_steps": 28,
            f"throughput_{thing}s_per_sec": round(power_w / energy, 6),
            **dict.fromkeys(DIFFUSION_PARALLEL_FIELDS, gpu_count),
        }
        return row | ({"fps": 8, "num_frames": 49} if thing == "video" else {})
    energy = round(0.02 * model[4] + 3.2 / batch, 5)
    length = 249.5 + batch
    return row | {
        "avg_batch_size": batch - 0.1875,
        "avg_output_len": length,
        "avg_power_watts": power_w,
        "data_parallel": 1,
        "energy_per_request_joules": round(energy * length, 4),
        "energy_per_token_joules": energy,
        "expert_parallel": 1,
        "max_num_seqs": batch,
        "median_itl_ms": 8.4,
        "output_throughput_tokens_per_sec": round(power_w / energy, 3),
        "p90_itl_ms": 9.5,
        "p95_itl_ms": 10.75,
        "p99_itl_ms": 51.25,
        "tensor_parallel": gpu_count,
    }


def _about(model: tuple[Any, ...]) -> dict[str, Any]:
    _, nickname, architecture, total, activated, precision, _ = model
    said = {
        "activated_params_billions": activated,
        "architecture": architecture,
        "nickname": nickname,
        "total_params_billions": total,
        "weight_precision": precision,
    }
    return {name: value for name, value in said.items() if value is not None}


def _nested(row: Mapping[str, Any], shared: tuple[str, ...], is_text: bool) -> dict[str, Any]:
    """A row as a model's file has it: what all share is above, the parallel fields are inside."""
    fields = PARALLEL_FIELDS if is_text else DIFFUSION_PARALLEL_FIELDS
    inner = {name: value for name, value in row.items() if name not in (*shared, *fields)}
    inner["parallelization"] = {name: row[name] for name in fields}
    if is_text:
        inner["parallelization"]["notes"] = ""
        inner["output_length_distribution"] = _distribution(300)
    return dict(sorted(inner.items()))


def _distribution(count: int) -> dict[str, list[float]]:
    counts = [count // (step + 1) for step in range(50)]
    return {"bins": [1.0 + 81.9 * step for step in range(51)], "counts": counts}


def _json(document: object) -> bytes:
    return json.dumps(document, indent=2).encode()
