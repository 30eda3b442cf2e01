"""The ML.ENERGY leaderboard: every configuration of every task, and nothing asked for in vain."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sources.http_errors import NotFoundError
from flows.sources.ml_energy import SOURCE, fetch, parse
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Fetched
from warehouse.tables import Parsed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
RECORDED = [
    *sorted((SHARED / "payloads" / "ml-energy").rglob("*.json")),
    *sorted((SHARED / "energy" / "inference" / "mlenergy").rglob("*.json")),
]
TEXT, IMAGES, VIDEOS = "mlenergy_configurations", "mlenergy_images", "mlenergy_videos"
ROW = {
    "model_id": "tea/tea-7b",
    "nickname": "Tea 7B",
    "architecture": "Dense Transformer",
    "total_params_billions": 7.0,
    "activated_params_billions": 7.0,
    "weight_precision": "bfloat16",
    "gpu_model": "H100",
    "num_gpus": 2,
    "tensor_parallel": 2,
    "expert_parallel": 1,
    "data_parallel": 1,
    "max_num_seqs": 8,
    "avg_batch_size": 7.5,
    "avg_output_len": 300.0,
    # 1000 W / 500 tokens/s = 2 J a token; x 300 tokens = 600 J a request.
    "avg_power_watts": 1000.0,
    "output_throughput_tokens_per_sec": 500.0,
    "energy_per_token_joules": 2.0,
    "energy_per_request_joules": 600.0,
    "median_itl_ms": 15.0,
    "p90_itl_ms": 16.0,
    "p95_itl_ms": 17.0,
    "p99_itl_ms": 18.0,
}
IMAGE = {
    "model_id": "tea/brush",
    "gpu_model": "B200",
    "num_gpus": 1,
    "batch_size": 4,
    "batch_latency_s": 8.0,
    "image_height": 1024,
    "image_width": 512,
    "inference_steps": 20,
    "avg_power_watts": 900.0,
    # 900 W x 8 s / 4 images = 1800 J an image.
    "energy_per_image_joules": 1800.0,
    "throughput_images_per_sec": 0.5,
    "ring_degree": 1,
    "ulysses_degree": 2,
}
MODEL_FILE = {
    "model_id": "tea/tea-7b",
    "task": "gpqa",
    "total_params_billions": 7.0,
    "weight_precision": "bfloat16",
    "configurations": [
        {
            **{k: v for k, v in ROW.items() if not k.endswith(("_parallel", "_id"))},
            "parallelization": {"tensor_parallel": 2, "expert_parallel": 1, "data_parallel": 1},
            "output_length_distribution": {"bins": [1, 101, 201], "counts": [30, 10]},
        }
    ],
}


def read(document: object, name: str = "gpqa.json") -> Parsed:
    return parse(Arrival(json.dumps(document).encode(), name, NOON))


def task(*rows: object, name: str = "gpqa", **changes: object) -> dict[str, Any]:
    return {"task": name, "task_display_name": "A task", "configurations": [*rows], **changes}


def test_configuration_keeps_every_field_under_the_task_of_its_file():
    (row,) = read(task(ROW)).frames[TEXT].to_dicts()
    assert {name: row[name] for name in ROW} == ROW
    assert (row["task"], row["file_kind"], row["repeat"]) == ("gpqa", "task", 1)


def test_image_and_video_stand_in_tables_of_their_own():
    image = read(task(IMAGE, name="text-to-image")).frames[IMAGES].to_dicts()[0]
    assert {name: image[name] for name in IMAGE} == IMAGE
    renamed = {name.replace("image", "video"): value for name, value in IMAGE.items()}
    video = read(task(renamed | {"fps": 8, "num_frames": 49}, name="text-to-video"))
    (row,) = video.frames[VIDEOS].to_dicts()
    assert (row["energy_per_video_joules"], row["fps"], row["num_frames"]) == (1800.0, 8.0, 49)


def test_new_task_is_known_by_the_energy_of_its_rows():
    assert read(task(IMAGE, name="text-to-poster")).frames[IMAGES].height == 1
    with pytest.raises(ParseError, match="unknown task has one of the fields energy_per_token"):
        read(task({"model_id": "tea/flute"}, name="text-to-sound"))


def test_model_file_has_its_parallelism_inside_and_its_output_lengths():
    parsed = read(MODEL_FILE)
    (row,) = parsed.frames[TEXT].to_dicts()
    assert (row["file_kind"], row["model_id"], row["tensor_parallel"]) == ("model", "tea/tea-7b", 2)
    lengths = parsed.frames["mlenergy_output_lengths"]
    assert lengths.select("bin_number", "lower_tokens", "upper_tokens", "request_count").rows() == [
        (1, 1.0, 101.0, 30),
        (2, 101.0, 201.0, 10),
    ]
    assert lengths["max_num_seqs"].to_list() == [8, 8]


@pytest.mark.parametrize(
    "distribution", [{"bins": [1, 101], "counts": [30, 10]}, {"bins": [1, 101]}, "none"]
)
def test_distribution_of_another_shape_is_refused_and_its_row_kept(distribution):
    document = copy.deepcopy(MODEL_FILE)
    document["configurations"][0]["output_length_distribution"] = distribution
    parsed = read(document)
    assert parsed.frames[TEXT].height == 1
    assert parsed.frames["mlenergy_output_lengths"].is_empty()
    assert parsed.rejects["location"].to_list() == ["configurations[0].output_length_distribution"]


def test_second_measurement_is_kept_and_a_repeated_row_is_not():
    other = ROW | {"energy_per_token_joules": 1.5}
    for order in ([ROW, other, ROW], [other, ROW, other]):
        rows = read(task(*order)).frames[TEXT].sort("repeat")
        # Numbered by energy, whatever the order: the versions stay the same from run to run.
        assert rows.select("repeat", "energy_per_token_joules").rows() == [(1, 1.5), (2, 2.0)]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"energy_per_token_joules": "many"}, "energy_per_token_joules", "as a number"),
        ({"energy_per_token_joules": None}, "energy_per_token_joules", "required, but empty"),
        ({"energy_per_token_joules": -1}, "energy_per_token_joules", "below the minimum"),
        ({"energy_per_token_joules": 2e9}, "energy_per_token_joules", "above the maximum"),
        ({"num_gpus": 2.5}, "num_gpus", "as a whole number"),
        ({"num_gpus": None}, "num_gpus", "required, but empty"),
        ({"gpu_model": " "}, "gpu_model", "required, but empty"),
        ({"avg_power_watts": {"mean": 3}}, "avg_power_watts", "as a number"),
    ],
)
def test_bad_row_goes_to_quarantine_and_the_others_stay(changes, column, reason):
    parsed = read(task(ROW | changes, ROW | {"max_num_seqs": 16}))
    assert parsed.frames[TEXT]["max_num_seqs"].to_list() == [16]
    (reject,) = parsed.rejects.to_dicts()
    assert reject["location"] == "configurations[0]"
    assert (reject["column_name"], reason in reject["reason"]) == (column, True)


def test_row_that_is_no_object_goes_to_quarantine():
    parsed = read(task(ROW, ["tea"], None))
    assert parsed.frames[TEXT].height == 1
    assert parsed.rejects["location"].to_list() == ["configurations[1]"]


def test_a_number_as_text_and_a_new_architecture_and_a_new_field_are_read():
    row = ROW | {"num_gpus": "2", "architecture": "Diffusion LM", "colour": "green"}
    (found,) = read(task(row)).frames[TEXT].to_dicts()
    assert (found["num_gpus"], found["architecture"]) == (2, "Diffusion LM")


@pytest.mark.parametrize("field", ["energy_per_token_joules", "gpu_model", "num_gpus", "model_id"])
def test_field_that_is_gone_from_every_row_stops_the_file(field):
    row = {name: value for name, value in ROW.items() if name != field}
    with pytest.raises(ParseError, match=f"'{field}'"):
        read(task(row, row | {"max_num_seqs": 16}))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"<html>", b'{"task": "gpqa"}', b'{"task": 3, "configurations": []}']
)
def test_another_file_is_refused(body):
    with pytest.raises(ParseError, match="ml-energy"):
        parse(Arrival(body, "gpqa.json", NOON))


def test_index_gives_its_models():
    index = {
        "last_updated": "2026-02-16",
        "tasks": ["gpqa"],
        "architectures": {"llm": ["gpqa"]},
        "models": {"tea/tea-7b": {"nickname": "Tea 7B", "total_params_billions": 7.0}, "x/y": {}},
    }
    frame = read(index, "index.json").frames["mlenergy_models"]
    assert frame.select("model_id", "nickname", "total_params_billions").rows() == [
        ("tea/tea-7b", "Tea 7B", 7.0),
        ("x/y", None, None),
    ]


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(deadline=None)
@given(
    field=st.sampled_from([*ROW, "parallelization", "output_length_distribution"]), value=GARBAGE
)
def test_whatever_stands_in_a_field_is_read_or_refused(field, value):
    document = copy.deepcopy(MODEL_FILE) | {"configurations": [ROW | {field: value}, ROW]}
    try:
        parsed = read(document)
    except ParseError:
        return
    assert parsed.row_count + parsed.rejects.height >= 1


@settings(deadline=None)
@given(at=st.integers(0, 900), byte=st.integers(0, 255))
def test_whatever_byte_is_wrong_it_is_read_or_refused(at, byte):
    body = bytearray(json.dumps(task(ROW)).encode())
    body[at % len(body)] = byte
    for spoilt in (bytes(body), bytes(body[: at % len(body)])):
        try:
            parse(Arrival(spoilt, "gpqa.json", NOON))
        except ParseError:
            continue


@pytest.mark.skipif(not RECORDED, reason="the recorded bodies are not on this machine")
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_recorded_body_is_read_whole(path: Path):
    body = path.read_bytes()
    parsed = parse(Arrival(body, path.name, NOON, SOURCE.about_file(path.name)))
    assert parsed.rejects.is_empty()
    document = json.loads(body)
    expected = len(document.get("configurations", document.get("models", ())))
    assert next(iter(parsed.frames.values())).height == expected > 0


def _bodies(ask_provider, as_of=NOON, **changes) -> list[Fetched]:
    context = ask_provider(SOURCE, as_of, **changes)
    bodies = list(fetch(context))
    for body in bodies:
        context.landing.land(SOURCE.source_id, body, context.run)
    return bodies


def test_every_file_of_every_task_comes_and_is_read(ask_provider, provider_server):
    state = provider_server.state("ml-energy")
    bodies = _bodies(ask_provider)
    assert {body.name for body in bodies} == set(state.files())
    loaded = [parse(Arrival(body.body, body.name, NOON)) for body in bodies]
    rows = [
        (row["task"], row["model_id"], row["gpu_model"], row["num_gpus"])
        for parsed in loaded
        for name, frame in parsed.frames.items()
        if name in (TEXT, IMAGES, VIDEOS)
        for row in frame.filter(file_kind="task").to_dicts()
    ]
    assert sorted(rows) == sorted(
        (name, row["model_id"], row["gpu_model"], row["num_gpus"])
        for name, configurations in state.configurations.items()
        for row in configurations
    )


def test_with_nothing_new_only_index_and_tasks_are_asked(ask_provider, provider_server):
    _bodies(ask_provider)
    provider_server.forget_requests()
    later = NOON + timedelta(days=30)
    _bodies(ask_provider, later)
    asked = [request.path for request in provider_server.requests("ml-energy")]
    assert len(asked) == 8
    assert not [path for path in asked if "/models/" in path]


def test_corrected_task_brings_its_models_files_again(ask_provider, provider_server):
    _bodies(ask_provider)
    state = provider_server.state("ml-energy")
    model_id = state.configurations["gpqa"][0]["model_id"]
    state.correct("gpqa", model_id, energy_per_token_joules=0.5)
    bodies = _bodies(ask_provider, NOON + timedelta(days=30))
    models = {body.name for body in bodies if body.name.startswith("models/")}
    assert models == {name for name in state.files() if name.endswith("__gpqa.json")} - {
        "tasks/gpqa.json"
    }


def test_full_run_asks_for_everything(ask_provider, provider_server):
    _bodies(ask_provider)
    bodies = _bodies(ask_provider, NOON + timedelta(days=30), is_full=True)
    assert {body.name for body in bodies} == set(provider_server.state("ml-energy").files())


def test_missing_task_and_missing_model_stop_no_other(ask_provider, provider_server):
    state = provider_server.state("ml-energy")
    lost = next(name for name in state.files() if name.endswith("__image-chat.json"))
    state.missing |= {"tasks/gpqa.json", lost}
    context = ask_provider(SOURCE, NOON)
    names: list[str] = []
    with pytest.raises(SourceError, match="2 of 7 parts failed"):
        names.extend(body.name for body in fetch(context))
    gpqa = {name for name in state.files() if name.endswith("gpqa.json")}
    assert set(names) == set(state.files()) - gpqa - state.missing


@pytest.mark.parametrize("suffix", ["/index.json", "/data", "/public/data/index.json"])
def test_address_may_be_the_folder_or_the_file(ask_provider, provider_server, monkeypatch, suffix):
    context = ask_provider(SOURCE, NOON)
    address = provider_server.url("ml-energy") + suffix
    monkeypatch.setenv("JOULEHOUSE_ML_ENERGY_URL", address)
    assert next(iter(fetch(context))).name == "index.json"


def test_index_that_names_no_task_says_so(ask_provider, provider_server):
    provider_server.state("ml-energy").overrides["index.json"] = b'{"models": {}}'
    with pytest.raises(SourceError, match="names no tasks"):
        list(fetch(ask_provider(SOURCE, NOON)))


def test_index_cut_on_its_way_is_asked_for_again(ask_provider, provider_server):
    provider_server.faults.add("ml-energy", "truncated", path_part="index", times=1)
    assert len(_bodies(ask_provider)) == len(provider_server.state("ml-energy").files())


def test_absent_leaderboard_says_so(ask_provider, provider_server):
    provider_server.state("ml-energy").missing |= {"index.json"}
    with pytest.raises(NotFoundError, match=r"index\.json was answered with 404"):
        list(fetch(ask_provider(SOURCE, NOON)))
