"""Listings and single models of the Hub: each field, each fault of a body."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from flows.sources import huggingface
from flows.sources.huggingface_models import parameters_in_name
from flows.sources.protocol import Arrival
from warehouse.errors import ParseError
from warehouse.tables import Parsed

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
SHARED = Path(__file__).parents[4] / "shared" / "data" / "payloads" / "huggingface"
MODEL = {
    "_id": "00",
    "id": "birds/sparrow-7B",
    "author": "birds",
    "sha": "5a5a",
    "createdAt": "2024-01-08T09:30:00.000Z",
    "lastModified": "2025-02-03T04:05:06.000Z",
    "downloads": 12,
    "likes": 3,
    "library_name": "transformers",
    "pipeline_tag": "text-generation",
    "gated": "manual",
    "tags": ["co2_eq_emissions", "license:mit", "base_model:birds/egg", "region:us"],
    "safetensors": {"parameters": {"BF16": 7_000_000_001}, "total": 7_000_000_001},
    "cardData": {
        "license": "mit",
        "co2_eq_emissions": {
            "emissions": 150,
            "source": "CodeCarbon",
            "training_type": "fine-tuning",
            "geographical_location": "Singapore",
            "hardware_used": "NVIDIA A100-SXM4-40GB",
        },
    },
}


def _parse(document: object, name: str = "models.json", **about: str) -> Parsed:
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    return huggingface.parse(Arrival(body, name, NOW, about))


def _model(**changes: object) -> dict[str, object]:
    return {name: value for name, value in (MODEL | changes).items() if value is not ...}


def _row(parsed: Parsed, table: str = "models") -> dict[str, object]:
    (row,) = parsed.frames[f"huggingface_{table}"].to_dicts()
    return row


def test_model_and_its_declaration_become_a_row_each():
    parsed = _parse([MODEL])
    assert _row(parsed) == {
        "model_id": "birds/sparrow-7B",
        "author": "birds",
        "sha": "5a5a",
        "created_at": datetime(2024, 1, 8, 9, 30, tzinfo=UTC),
        "last_modified_at": datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC),
        "downloads": 12,
        "likes": 3,
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "gated": "manual",
        "base_models": "birds/egg",
        "licence_tag": "mit",
        "parameters_total": 7_000_000_001.0,
        "parameters_source": "safetensors_total",
        "safetensors_json": '{"BF16":7000000001}',
        "is_tagged": True,
        "is_autotrain": False,
        "has_card_data": True,
        "declared_count": 1,
    }
    emission = _row(parsed, "emissions")
    assert emission.pop("raw_json") == json.dumps(
        MODEL["cardData"]["co2_eq_emissions"], separators=(",", ":")
    )
    assert emission == {
        "model_id": "birds/sparrow-7B",
        "declared_in": "card_data",
        "value_index": 0,
        "shape": "dict",
        "emissions_text": "150",
        "emissions_value": 150.0,
        "emissions_unit": None,
        "emissions_gco2e": 150.0,
        "emissions_source": "CodeCarbon",
        "training_type_text": "fine-tuning",
        "training_type": "fine_tuning",
        "geographical_location": "Singapore",
        "hardware_used": "NVIDIA A100-SXM4-40GB",
        "flags": None,
    }
    assert parsed.rejects.is_empty()


def test_one_models_answer_is_read_like_a_listing():
    parsed = _parse(MODEL)
    assert _row(parsed) == _row(_parse([MODEL]))


@pytest.mark.parametrize(
    ("changes", "count", "source"),
    [
        ({"safetensors": {"parameters": {"F16": 5, "F32": 6}}}, 11, "safetensors_sum"),
        ({"safetensors": None, "gguf": {"total": 9}}, 9, "gguf"),
        ({"safetensors": ...}, 7e9, "name"),
        ({"safetensors": ..., "id": "birds/sparrow"}, None, None),
    ],
)
def test_parameters_say_where_they_come_from(changes, count, source):
    row = _row(_parse([_model(**changes)]))
    assert (row["parameters_total"], row["parameters_source"]) == (count, source)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("nicholas/Aira-2-124M", 124e6),
        ("nicholas/Aira-2-1B1", 1.1e9),
        ("TucanoBR/Tucano-2b4-Instruct", 2.4e9),
        ("some/model-0.5B-it", 0.5e9),
        ("some/Qwen3-30B-A3B", 30e9),
        ("some/Qwen2.5-7B-Instruct-1M", 7e9),
        ("some/Mixtral-8x7B", None),
        ("some/llama-4bit", None),
        ("7b/bert-base", None),
    ],
)
def test_parameters_are_guessed_from_the_name_only_where_it_tells_them(name, count):
    assert parameters_in_name(name) == count


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": ["autotrain"]},
        {"id": "birds/autonlp-wren-1448"},
        {"cardData": {"co2_eq_emissions": {"emissions": 1, "source": "AutoTrain"}}},
    ],
)
def test_autotrain_is_flagged(changes):
    assert _row(_parse([_model(**changes)]), "emissions")["flags"] == "autotrain"


def test_model_without_front_matter_says_so():
    assert _row(_parse([_model(cardData=None)]))["has_card_data"] is False
    row = _row(_parse([_model(cardData=...)]))
    assert (row["has_card_data"], row["declared_count"]) == (None, None)


@pytest.mark.parametrize(
    ("value", "column", "reason"),
    [
        (-3.5, "emissions_gco2e", "below the minimum 0"),
        (9.9e15, "emissions_gco2e", "above the maximum 1e+12"),
        ("5-10 kg", "emissions_value", "cannot be read as a number"),
        ("nan", "emissions_value", "not a finite number"),
        (True, "emissions_value", "cannot be read as a number"),
    ],
)
def test_impossible_value_goes_to_quarantine_and_its_model_stays(value, column, reason):
    parsed = _parse([_model(cardData={"co2_eq_emissions": {"emissions": value}})])
    assert parsed.frames["huggingface_emissions"].is_empty()
    assert parsed.rejects.select("location", "column_name", "reason").rows() == [
        ("models.json model 0 birds/sparrow-7B", column, reason)
    ]
    assert _row(parsed)["declared_count"] == 1


def test_placeholder_is_kept_with_a_null_and_its_words():
    row = _row(_parse([_model(cardData={"co2_eq_emissions": "TBD"})]), "emissions")
    assert (row["emissions_text"], row["emissions_gco2e"], row["flags"]) == (
        "TBD",
        None,
        "placeholder",
    )


def test_nan_and_half_a_surrogate_pair_do_not_spoil_the_page():
    body = orjson.dumps([MODEL, _model(id="birds/wren")])
    body = body.replace(b'"emissions":150', b'"emissions":NaN', 1)
    body = body.replace(b'"likes":3', b'"library_name":"\\ud83d"', 1)
    parsed = _parse(body)
    assert parsed.frames["huggingface_models"].height == 2
    assert parsed.frames["huggingface_emissions"]["model_id"].to_list() == ["birds/wren"]
    assert parsed.rejects["reason"].to_list() == ["not a finite number"]


def test_instants_are_read_in_each_form_of_one_page():
    forms = ["2025-02-03T04:05:06.000Z", "2025-02-03T04:05:06Z", "2025-02-03T05:05:06+01:00"]
    parsed = _parse([_model(id=f"a/{i}", lastModified=form) for i, form in enumerate(forms)])
    instants = parsed.frames["huggingface_models"]["last_modified_at"].unique().to_list()
    assert instants == [datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)]


def test_field_missing_from_one_model_sends_it_to_quarantine_and_from_all_stops():
    parsed = _parse([MODEL, _model(id=...), 7, None])
    assert parsed.frames["huggingface_models"].height == 1
    models = parsed.rejects.filter(table_name="huggingface_models")
    assert models["reason"].to_list() == ["required, but empty"] * 3
    with pytest.raises(ParseError, match=r"field 'id'.*missing from every model; found: _id"):
        _parse([_model(id=...), _model(id=...)])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "JSON was expected"),
        (b'[{"id": "a', "JSON was expected"),
        (b"<html>Sign in</html>", "JSON was expected"),
        (b"\xff\xfe[", "JSON was expected"),
        (b'{"error": "Internal Error"}', "an error came in place of models"),
        (b'"text"', "array of models was expected"),
        (b"[" * 100_000, "JSON was expected"),
    ],
)
def test_body_that_is_no_listing_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        _parse(body, kind="listing")


def _spoilt(value: object, chance: random.Random) -> object:
    if isinstance(value, dict):
        names = list(value)
        changed = {
            chance.choice(names) if chance.random() < 0.05 else name: _spoilt(one, chance)
            for name, one in value.items()
            if chance.random() > 0.05
        }
        return [changed] if chance.random() < 0.02 else changed
    if chance.random() < 0.15:
        odd = [
            None,
            True,
            -1,
            1e308,
            2**70,
            "",
            "x\x00y",
            "\u2212" * 9,
            [],
            {},
            [[1]],
            "1,5",
            {"a": {}},
        ]
        return chance.choice(odd)
    return value


def test_spoilt_listings_end_in_rows_rejects_or_a_parse_error():
    chance = random.Random(11)  # noqa: S311 - made-up faults, the same each time
    for _ in range(150):
        page = [_spoilt(_model(id=f"a/{i}"), chance) for i in range(4)]
        try:
            parsed = _parse(json.dumps(page * 2).encode(), kind="listing")
        except ParseError:
            continue
        refused = parsed.rejects.filter(table_name="huggingface_models").height
        assert parsed.frames["huggingface_models"].height + refused == 8


def test_cut_bodies_end_in_a_parse_error():
    body = orjson.dumps([MODEL])
    for length in range(0, len(body) - 1, 7):
        with pytest.raises(ParseError):
            _parse(body[:length], kind="listing")


@pytest.mark.skipif(not SHARED.exists(), reason="the recorded payloads are not on this machine")
@pytest.mark.parametrize("path", sorted(SHARED.glob("*.json")), ids=lambda path: path.name)
def test_recorded_listing_is_read(path):
    about = huggingface.SOURCE.about_file(path.name)
    parsed = _parse(path.read_bytes(), path.name, **about)
    assert parsed.frames["huggingface_models"].height == len(orjson.loads(path.read_bytes()))
    assert parsed.rejects.is_empty()


def test_source_names_the_libraries_variables():
    source = huggingface.SOURCE
    assert (source.base_url_env, source.key_env) == ("HF_ENDPOINT", "HF_TOKEN")
    assert not source.is_key_required
