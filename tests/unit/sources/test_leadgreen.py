"""Lead Green's JSON: every configuration, every year, known units only."""

import copy
from collections.abc import Callable
from datetime import date

import pytest

from flows.sources import leadgreen
from warehouse.errors import ParseError
from warehouse.tables import Parsed

MODEL = {
    "unit": "Wh per million output tokens",
    "itl_deadline_ms": 500,
    "boundary": "gpu_only",
    "data_version": "2026-01-02",
    "source": {
        "name": "A benchmark",
        "data_url": "https://example.org/data.json",
        "version": "1",
        "compiled": "2026-01-01",
        "workload": "Text",
    },
    "slug": "tea-7b",
    "name": "Tea 7B",
    "model_id": "tea/tea-7b",
    "params_b": 7.0,
    "active_params_b": 7.0,
    "architecture": "Dense Transformer",
    "configurations": [
        {
            "gpu": "H100",
            "num_gpus": 2,
            "tensor_parallel": 2,
            "data_parallel": 1,
            "expert_parallel": 1,
            "precision": "BF16",
            "max_num_seqs": 8,
            "avg_requests_in_flight": 7.5,
            "avg_running_batch": 7.5,
            # 1000 W / 500 tokens/s = 2 J a token = 2 / 3600 Wh, x 1e6 = 555.56 Wh a million.
            "joules_per_output_token": 2.0,
            "wh_per_million_output_tokens": 555.56,
            "tokens_per_second": 500,
            "gpu_power_watts_total": 1000,
            "median_itl_ms": 15.0,
            "p90_itl_ms": 16.0,
            "p95_itl_ms": 17.0,
            "p99_itl_ms": 18.0,
            "avg_output_tokens": 700,
            "under_itl_deadline": True,
            "row_id": "tea-7b/H100/2/8",
            "repeat": 1,
        }
    ],
}
GRID = {
    "unit": "gCO2e per kWh",
    "data_version": "2026-01-02",
    "source": {"name": "Ember", "data_url": "https://example.org/grid.csv", "version": "1"},
    "areas": [
        {
            "iso3": "WLD",
            "iso2": None,
            "name": "World",
            "display_name": "World",
            "area_type": "world",
            "g_co2e_per_kwh": 473.0,
            "years": {"2023": 485.6, "2024": 473.0},
        },
        {
            "iso3": "ALB",
            "iso2": "AL",
            "name": "Albania",
            "display_name": "Albania",
            "area_type": "country",
            "continent": "Europe",
            "g_co2e_per_kwh": 24.7,
            "years": {"2024": 24.7},
        },
    ],
}


@pytest.fixture
def parse(make_wheel) -> Callable[..., Parsed]:
    def parse_documents(model: object = MODEL, grid: object = GRID) -> Parsed:
        return leadgreen.parse(
            make_wheel(
                {
                    "leadgreen_mcp/data/models/tea-7b.json": model,
                    "leadgreen_mcp/data/grid.json": grid,
                }
            )
        )

    return parse_documents


def _model(**changes: object) -> dict[str, object]:
    """The model with fields of its one configuration changed."""
    model = copy.deepcopy(MODEL)
    model["configurations"][0].update(changes)
    return model


def test_configuration_keeps_every_field_of_model_and_file(parse):
    row = parse().frames["leadgreen_configurations"].to_dicts()[0]
    given = {**MODEL["configurations"][0]}
    assert {name: row[name] for name in given} == given
    assert (row["params_b"], row["architecture"]) == (7.0, "Dense Transformer")
    assert (row["source_compiled"], row["data_version"]) == (date(2026, 1, 1), date(2026, 1, 2))
    assert row["source_url"] == "https://example.org/data.json"


def test_every_year_of_an_area_is_a_row(parse):
    grid = parse().frames["leadgreen_yearly_intensity"]
    assert grid.select("iso3", "iso2", "year", "g_co2e_per_kwh").rows() == [
        ("WLD", None, 2023, 485.6),
        ("WLD", None, 2024, 473.0),
        ("ALB", "AL", 2024, 24.7),
    ]


@pytest.mark.parametrize(
    ("changes", "column", "value", "reason"),
    [
        ({"joules_per_output_token": "many"}, "joules_per_output_token", "many", "as a number"),
        ({"num_gpus": 2.5}, "num_gpus", "2.5", "as a whole number"),
        ({"num_gpus": 0}, "num_gpus", "0", "below the minimum 1"),
        ({"median_itl_ms": -1}, "median_itl_ms", "-1", "below the minimum 0"),
        ({"gpu": None}, "gpu", None, "required, but empty"),
        ({"gpu_power_watts_total": {"mean": 3}}, "gpu_power_watts_total", '{"mean": 3}', "number"),
    ],
)
def test_unreadable_configuration_goes_to_quarantine(parse, changes, column, value, reason):
    model = _model(**changes)
    model["configurations"].append(MODEL["configurations"][0] | {"row_id": "other"})
    parsed = parse(model)
    assert parsed.frames["leadgreen_configurations"]["row_id"].to_list() == ["other"]
    rejected = parsed.rejects.to_dicts()[0]
    assert rejected["location"] == "leadgreen_mcp/data/models/tea-7b.json configurations[0]"
    assert (rejected["column_name"], rejected["offending_value"]) == (column, value)
    assert reason in rejected["reason"]


def test_negative_intensity_goes_to_quarantine(parse):
    grid = copy.deepcopy(GRID)
    grid["areas"][1]["years"]["2025"] = -36.4
    rejected = parse(grid=grid).rejects.to_dicts()
    assert [(row["location"], row["offending_value"]) for row in rejected] == [
        ("leadgreen_mcp/data/grid.json areas[1].years[2025]", "-36.4")
    ]


def test_energy_of_another_boundary_goes_to_quarantine(parse):
    parsed = parse(MODEL | {"boundary": "node"})
    assert parsed.rejects["offending_value"].to_list() == ["node"]


def test_unknown_unit_is_refused(parse):
    with pytest.raises(ParseError, match=r"tea-7b\.json field 'unit' value 'kWh'"):
        parse(MODEL | {"unit": "kWh"})
    with pytest.raises(ParseError, match=r"grid\.json field 'unit' value 'lb/MWh'"):
        parse(grid=GRID | {"unit": "lb/MWh"})


def test_renamed_field_is_refused(parse):
    renamed = _model()
    renamed["configurations"][0]["joules"] = renamed["configurations"][0].pop(
        "joules_per_output_token"
    )
    with pytest.raises(ParseError, match="field 'joules_per_output_token'"):
        parse(renamed)
    with pytest.raises(ParseError, match=r"tea-7b\.json field 'configurations'"):
        parse({name: value for name, value in MODEL.items() if name != "configurations"})


def test_missing_member_is_refused(make_wheel):
    with pytest.raises(ParseError, match=r"source leadgreen at leadgreen_mcp/data/models/"):
        leadgreen.parse(make_wheel({"leadgreen_mcp/data/grid.json": GRID}))
    with pytest.raises(ParseError, match=r"grid\.json: the archive has no such member"):
        leadgreen.parse(make_wheel({"leadgreen_mcp/data/models/tea-7b.json": MODEL}))
