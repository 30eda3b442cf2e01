"""EcoLogits' parameters: a number, a range, or total and active of either kind."""

from collections.abc import Callable

import pytest

from flows.sources import ecologits
from warehouse.errors import ParseError
from warehouse.tables import Parsed

MIX = {"name": "FRA", "adpe": 4.9e-08, "pe": 11.0, "gwp": 0.042, "wue": 3.9, "warnings": None}


def _model(name: str, kind: str, parameters: object, **more: object) -> dict[str, object]:
    return {
        "type": "model",
        "provider": "tea",
        "name": name,
        "architecture": {"type": kind, "parameters": parameters},
        "warnings": None,
        "sources": [],
        "deployment": {"tps": None, "ttft": None},
    } | more


@pytest.fixture
def parse(make_wheel) -> Callable[..., Parsed]:
    def parse_documents(*models: object, mixes: object = (MIX,), aliases: object = ()) -> Parsed:
        return ecologits.parse(
            make_wheel(
                {
                    "ecologits/data/models.json": {
                        "models": list(models),
                        "aliases": list(aliases),
                    },
                    "ecologits/data/electricity_mixes.json": {"electricity_mixes": list(mixes)},
                }
            )
        )

    return parse_documents


@pytest.mark.parametrize(
    ("kind", "parameters", "total", "active"),
    [
        ("dense", 32.3, (32.3, None, None), (32.3, None, None)),
        ("dense", {"min": 70, "max": 120}, (None, 70, 120), (None, 70, 120)),
        ("moe", {"total": 46.7, "active": 12.9}, (46.7, None, None), (12.9, None, None)),
        (
            "moe",
            {"total": {"min": 800, "max": 900}, "active": {"min": 90, "max": 100}},
            (None, 800, 900),
            (None, 90, 100),
        ),
        ("moe", 100, (100, None, None), (None, None, None)),
    ],
)
def test_each_shape_of_parameters_is_read(parse, kind, parameters, total, active):
    parsed = parse(_model("tea-1", kind, parameters))
    row = parsed.frames["ecologits_models"].to_dicts()[0]
    found = {
        name: tuple(row[f"parameters_{name}{suffix}"] for suffix in ("", "_min", "_max"))
        for name in ("total", "active")
    }
    assert found == {"total": total, "active": active}


def test_sources_and_warnings_are_joined_and_speed_is_kept(parse):
    model = _model(
        "tea-1",
        "dense",
        7,
        warnings=["model-arch-not-released", "model-arch-multimodal"],
        sources=["https://example.org/a", "https://example.org/b"],
        deployment={"tps": 51.5, "ttft": 0.32},
    )
    row = parse(model).frames["ecologits_models"].to_dicts()[0]
    assert row["warnings"] == "model-arch-not-released; model-arch-multimodal"
    assert row["sources"] == "https://example.org/a; https://example.org/b"
    assert (row["deployment_tps"], row["deployment_ttft"]) == (51.5, 0.32)


@pytest.mark.parametrize("parameters", ["unknown", {"low": 1, "high": 2}, -7, 0])
def test_unreadable_parameters_go_to_quarantine(parse, parameters):
    parsed = parse(_model("tea-1", "dense", parameters), _model("tea-2", "dense", 7))
    assert parsed.frames["ecologits_models"]["name"].to_list() == ["tea-2"]
    rejected = parsed.rejects.to_dicts()[0]
    assert rejected["location"] == "ecologits/data/models.json models[0]"
    assert rejected["column_name"] == "parameters_total"


def test_aliases_and_mixes_are_read(parse):
    parsed = parse(
        _model("tea-1", "dense", 7),
        aliases=[{"type": "alias", "provider": "tea", "name": "tea", "alias": "tea-1"}],
    )
    assert parsed.frames["ecologits_aliases"].rows() == [("tea", "tea", "tea-1")]
    assert parsed.frames["ecologits_electricity_mixes"].rows() == [
        ("FRA", 4.9e-08, 11.0, 0.042, 3.9, None)
    ]


def test_text_in_a_mix_goes_to_quarantine(parse):
    parsed = parse(_model("tea-1", "dense", 7), mixes=[MIX, MIX | {"gwp": "low"}])
    assert parsed.rejects["offending_value"].to_list() == ["low"]
    assert parsed.frames["ecologits_electricity_mixes"].height == 1


def test_missing_architecture_is_refused_with_its_place(parse):
    with pytest.raises(ParseError, match=r"models\[0\] field 'architecture'"):
        parse({"provider": "tea", "name": "tea-1"})


def test_renamed_list_is_refused(make_wheel):
    body = make_wheel(
        {
            "ecologits/data/models.json": {"llms": [], "aliases": []},
            "ecologits/data/electricity_mixes.json": {"electricity_mixes": []},
        }
    )
    with pytest.raises(ParseError, match=r"field 'models'.*found: llms, aliases"):
        ecologits.parse(body)
