"""Each formula against an example worked by hand, with the arithmetic beside it."""

from __future__ import annotations

import ast
import re
from math import inf, nan
from pathlib import Path

import duckdb
import pytest
import yaml

FUNCTIONS_DIR = Path(__file__).parents[2] / "dbt" / "functions"

pytestmark = pytest.mark.slow

# Boavizta's H100 card and factors, in the order of the arguments.
_H100_QUANTITIES = "2808.45, 80, 6, 296.37, 0.78923, 0.90077, 1.69, 19000, 1000, 0"
_GPU_FACTORS = "0.042592, 0.18379, 0.032549, 8.2542, 5.7412, 0.25955, 1.33e-5, 5.04e-5, 2.11e-3"

EXAMPLES: list[tuple[str, object]] = [
    # 1000 kWh x PUE 1.2 x 400 g/kWh = 480000 g = 480 kg
    (
        "operational_emissions_kgco2e(energy_kwh := 1000, pue_ratio := 1.2,"
        " carbon_intensity_gco2e_per_kwh := 400)",
        480.0,
    ),
    # 184320 h x 400 W / 1000 = 73728 kWh (Llama 2 7B)
    ("training_energy_device_hours_kwh(device_hours := 184320, tdp_w := 400)", 73728.0),
    # 6 x 7e9 x 2e12 = 8.4e22 FLOP; as integers the product would not fit in 64 bits
    (
        "training_compute_dense_flop(parameters_active := 7000000000, tokens := 2000000000000)",
        8.4e22,
    ),
    # 8.4e22 FLOP / (312e12 x 0.5) = 538461538.46 s = 149572.65 h
    (
        "device_hours_from_flop(training_compute_flop := 8.4e22, peak_flop_per_s := 312e12,"
        " utilization_ratio := 0.5)",
        8.4e22 / 1.56e14 / 3600,
    ),
    # the same 149572.65 h x 400 W / 1000 = 59829.06 kWh
    (
        "training_energy_flop_kwh(training_compute_flop := 8.4e22, peak_flop_per_s := 312e12,"
        " utilization_ratio := 0.5, tdp_w := 400)",
        59829.05982905983,
    ),
    # 12 h x (8 x 15 W x 0.5 + 64 GB x 0.3725 W/GB) x 1.67 / 1000
    # = 12 x (60 + 23.84) x 1.67 / 1000 = 12 x 83.84 x 1.67 / 1000 = 1.6801536 kWh
    (
        "green_algorithms_energy_kwh(duration_h := 12, core_count := 8, core_power_w := 15,"
        " usage_ratio := 0.5, memory_gb := 64, pue_ratio := 1.67)",
        1.6801536,
    ),
    # 1.1665273e-6 x exp(-0.0112059 x 64) x 8 + 4.0529281e-5
    # = 1.1665273e-6 x 0.4881280 x 8 + 4.0529281e-5 = 4.555311e-6 + 4.0529281e-5
    (
        "ecologits_energy_wh_per_output_token(parameters_active_billion := 8)",
        pytest.approx(4.5084593e-5, rel=1e-7),
    ),
    # 0.00067850881 x 8 + 0.00031193103 x 64 + 0.01947371758
    # = 0.00542807 + 0.01996359 + 0.01947372 = 0.04486537 s
    (
        "ecologits_latency_s_per_output_token(parameters_active_billion := 8)",
        pytest.approx(0.04486537, rel=1e-6),
    ),
    # 1.2 x 405e9 x 16 bit / 8 = 972 GB; / 80 GB = 12.15, up to 13, up to 2^4 = 16
    ("ecologits_gpus_required(parameters_total_billion := 405)", 16),
    # 3600 s of 1200 W for 4 of 8 GPUs, shared by 10 requests: 1200 x 4/8 / 10 = 60 Wh
    (
        "ecologits_server_energy_wh(generation_latency_s := 3600, gpus_required := 4,"
        " batch_size := 10)",
        60.0,
    ),
    # 1000 tokens of a model of 8 billion, one GPU (1.2 x 8 x 2 = 19.2 GB), PUE 1.2:
    # server 44.86537 s / 3600 x 1200 W x 1/8 / 64 = 0.02920922 Wh, GPU 1000 x 4.5084593e-5
    # = 0.04508459 Wh; 1.2 x 0.07429382 = 0.0891526 Wh
    (
        "ecologits_request_energy_wh(parameters_active_billion := 8,"
        " parameters_total_billion := 8, output_tokens := 1000, pue_ratio := 1.2)",
        pytest.approx(0.0891526, rel=1e-6),
    ),
    # gas 10 at 490 and wind 30 at 11: (4900 + 330) / 40 = 130.75 g/kWh
    (
        "(select intensity_from_mix_gco2e_per_kwh(generation_mwh := g,"
        " emission_factor_gco2e_per_kwh := f) from (values (10, 490), (30, 11)) as t(g, f))",
        130.75,
    ),
    # 100 mm2: with kerf (10 + 0.2)^2 = 104.04 mm2; dies on the wafer
    # 70685.83 / 104.04 - pi x 300 / sqrt(208.08) = 679.4101 - 65.3362 = 614.0739, so each takes
    # 70685.83 / 614.0739 = 115.1097 mm2; yield exp(-sqrt(1.0404 x 0.1)) = exp(-0.3225523)
    # = 0.7242981; 115.1097 / 0.7242981 = 158.9258 mm2
    (
        "effective_die_area_mm2(die_area_mm2 := 100)",
        pytest.approx(158.9258, rel=1e-6),
    ),
    # dies 2808.45 x 0.042592 = 119.6175; memory 6 x effective(15.5 x 80/6 = 206.667 mm2) =
    # 2343.1715 mm2 x 0.18379 = 430.6515; board 9.6465; casing 6.5145; heatsink 5.1715;
    # card 1.69 x (0.25955 + 19000 x 1.33e-5 + 1000 x 5.04e-5) = 0.9509; in all 572.5524:
    # boaviztapi 2.5.0 answers 575.1 with the end of life, 1.69 x 1.5062 = 2.5455
    (f"gpu_embodied_kgco2e({_H100_QUANTITIES}, {_GPU_FACTORS})", pytest.approx(572.5525, rel=1e-6)),
    # 1000 kg over four years of life, one hour: 1000 / (4 x 365 x 24) = 0.0285388 kg
    (
        "embodied_share_kgco2e(embodied_kgco2e := 1000, device_hours := 1, lifetime_h := 35040)",
        1000 / 35040,
    ),
    # 73728 kWh for 7 billion parameters: 73728 / 7
    (
        "energy_kwh_per_billion_parameters(energy_kwh := 73728, parameters_total := 7e9)",
        pytest.approx(73728 / 7),
    ),
    # 8.4e22 FLOP in 184320 h at 312e12 FLOP/s: 8.4e22 / (184320 x 3600 x 312e12) = 0.4057
    (
        "implied_utilization_ratio(training_compute_flop := 8.4e22, device_hours := 184320,"
        " peak_flop_per_s := 312e12)",
        8.4e22 / (184320 * 3600 * 312e12),
    ),
    # 1000 lb/MWh = 453592.37 g / 1000 kWh
    ("gco2e_per_kwh_from_lb_per_mwh(intensity_lb_per_mwh := 1000)", 453.59237),
    ("kwh_from_joule(energy_j := 7.2e6)", 2.0),
    ("joule_from_kwh(energy_kwh := 2)", 7.2e6),
    ("normalize_name(name := ' NVIDIA A100-SXM4-80GB ')", "nvidiaa100sxm480gb"),
    ("normalize_region(region := '  Türkiye ')", "turkiye"),
    # each of two tokens reads 3 of 10 parameters at random: 10 x (1 - 0.7^2) = 5.1
    (
        "expected_parameters_read(parameters_total := 10, parameters_active := 3,"
        " concurrency := 2)",
        5.1,
    ),
    # reading (7e9 x 2 B + 1.5e8 B x sqrt(0.7)) = 1.41255e10 B at 0.7 x 2000 GB/s takes 0.0100896 s,
    # computing 2 x 7e9 / (0.5 x 312e12) only 0.0000897 s; and 0.005 s beside: 0.0150896 s
    (
        "decode_step_duration_s(parameters_read := 7e9, parameters_active := 7e9,"
        " bytes_per_parameter := 2, concurrency := 1, memory_bandwidth_gb_per_s := 2000,"
        " peak_flop_per_s := 312e12)",
        pytest.approx(0.0150896, rel=1e-5),
    ),
]

OUT_OF_DOMAIN = [
    "operational_emissions_kgco2e(-1, 1.2, 400)",
    "operational_emissions_kgco2e(1, 0.9, 400)",
    "operational_emissions_kgco2e(1, 1.2, -1)",
    "operational_emissions_kgco2e('nan'::double, 1.2, 400)",
    "operational_emissions_kgco2e('infinity'::double, 1.2, 400)",
    "training_energy_device_hours_kwh(-1, 400)",
    "training_energy_device_hours_kwh(1, 0)",
    "training_compute_dense_flop(-1, 1)",
    "device_hours_from_flop(1e20, 312e12, 1.01)",
    "device_hours_from_flop(1e20, 312e12, 0)",
    "training_energy_flop_kwh(1e20, 312e12, 0.5, -400)",
    "green_algorithms_energy_kwh(1, 1, 1, 1.1, 1, 1)",
    "ecologits_energy_wh_per_output_token(0)",
    "ecologits_energy_wh_per_output_token(8, batch_size := 0)",
    "ecologits_gpus_required(-1)",
    "ecologits_request_energy_wh(8, 8, 100, 0.5)",
    "ecologits_request_energy_wh(8, 8, 100, 1, throughput_tokens_per_s := 0)",
    "effective_die_area_mm2(0)",
    "embodied_share_kgco2e(1, 1, 0)",
    "energy_kwh_per_billion_parameters(1, 0)",
    "implied_utilization_ratio(1, 0, 1)",
    "kwh_from_joule('nan'::double)",
    "normalize_name('--')",
    "normalize_region('  ')",
]

ZERO_GIVES_ZERO = [
    "operational_emissions_kgco2e(0, 1.2, 400)",
    "training_energy_device_hours_kwh(0, 400)",
    "training_compute_dense_flop(7e9, 0)",
    "training_energy_flop_kwh(0, 312e12, 0.5, 400)",
    "green_algorithms_energy_kwh(0, 8, 15, 0.5, 64, 1.67)",
    "ecologits_request_energy_wh(8, 8, 0, 1.2)",
    "embodied_share_kgco2e(1000, 0, 35040)",
    "kwh_from_joule(0)",
]


def _value(warehouse: duckdb.DuckDBPyConnection, call: str) -> object:
    row = warehouse.execute(f"select {call}").fetchone()
    assert row is not None
    return row[0]


def _scalar_functions() -> list[dict[str, object]]:
    documents = [yaml.safe_load(path.read_text()) for path in sorted(FUNCTIONS_DIR.glob("*.yml"))]
    declared = [document["functions"][0] for document in documents]
    return [f for f in declared if f.get("config", {}).get("type", "scalar") == "scalar"]


@pytest.mark.parametrize(("call", "expected"), EXAMPLES, ids=[c.split("(")[0] for c, _ in EXAMPLES])
def test_worked_example(warehouse: duckdb.DuckDBPyConnection, call: str, expected: object) -> None:
    found = _value(warehouse, call)
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


def _example_texts() -> str:
    """What stands in EXAMPLES of this file and of its neighbours, test_function_examples_*.py."""
    texts: list[str] = []
    for path in sorted(Path(__file__).parent.glob("test_function_examples*.py")):
        for statement in ast.parse(path.read_text()).body:
            targets = [statement.target] if isinstance(statement, ast.AnnAssign) else []
            if any(isinstance(t, ast.Name) and t.id == "EXAMPLES" for t in targets):
                texts += [
                    node.value
                    for node in ast.walk(statement)
                    if isinstance(node, ast.Constant) and isinstance(node.value, str)
                ]
    return " ".join(texts)


def test_every_formula_has_a_worked_example() -> None:
    examples = _example_texts()
    missing = [
        f["name"] for f in _scalar_functions() if not re.search(rf"\b{f['name']}\(", examples)
    ]
    assert missing == []


@pytest.mark.parametrize("call", OUT_OF_DOMAIN)
def test_outside_of_its_domain_a_formula_says_nothing(
    warehouse: duckdb.DuckDBPyConnection, call: str
) -> None:
    assert _value(warehouse, call) is None


@pytest.mark.parametrize("call", ZERO_GIVES_ZERO)
def test_zero_gives_zero(warehouse: duckdb.DuckDBPyConnection, call: str) -> None:
    assert _value(warehouse, call) == 0


@pytest.mark.parametrize("declared", _scalar_functions(), ids=lambda f: f["name"])
def test_null_stays_null(warehouse: duckdb.DuckDBPyConnection, declared: dict[str, object]) -> None:
    arguments = declared["arguments"]
    assert isinstance(arguments, list)
    nulls = ", ".join(f"null::{argument['data_type']}" for argument in arguments)
    assert _value(warehouse, f"{declared['name']}({nulls})") is None


def test_a_known_throughput_takes_the_place_of_the_fitted_latency(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    # 100 tokens at 100 a second are 1 s: 1/3600 x 1200 W x 1/8 / 64 = 0.000651042 Wh beside the
    # GPU's 100 x 4.5084593e-5 = 0.0045084593 Wh.
    call = "ecologits_request_energy_wh(8, 8, 100, 1, throughput_tokens_per_s := 100)"
    assert _value(warehouse, call) == pytest.approx(0.0051595013, rel=1e-6)


def test_a_fuel_without_a_figure_or_a_factor_leaves_the_mix_unknown(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    mix = "(select intensity_from_mix_gco2e_per_kwh(g, f) from (values {}) as t(g, f))"
    assert _value(warehouse, mix.format("(10, 490), (null::double, 11)")) is None
    assert _value(warehouse, mix.format("(10, 490), (1, null::double)")) is None
    assert _value(warehouse, mix.format("(0, 490), (0, 11)")) is None
    assert _value(warehouse, mix.format("(10, 490), (-1, 11)")) is None
    # one that stood still needs no factor
    assert _value(warehouse, mix.format("(10, 490), (0, null::double)")) == 490


@pytest.mark.parametrize("factor", [2.0, 10.0, 1e6])
def test_doubling_energy_doubles_emissions(
    warehouse: duckdb.DuckDBPyConnection, factor: float
) -> None:
    call = "operational_emissions_kgco2e({}::double, 1.1::double, 334::double)"
    once = _value(warehouse, call.format(3.7))
    more = _value(warehouse, call.format(3.7 * factor))
    assert isinstance(once, float)
    assert more == pytest.approx(factor * once)


@pytest.mark.parametrize("energy_kwh", [0.0, 1e-9, 3.7, 1e12])
def test_kilowatt_hours_survive_the_way_to_joule_and_back(
    warehouse: duckdb.DuckDBPyConnection, energy_kwh: float
) -> None:
    call = f"kwh_from_joule(joule_from_kwh({energy_kwh}::double))"
    assert _value(warehouse, call) == pytest.approx(energy_kwh)


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_number_that_is_none_gives_null(
    warehouse: duckdb.DuckDBPyConnection, value: float
) -> None:
    row = warehouse.execute("select joule_from_kwh(?::double)", [value]).fetchone()
    assert row == (None,)
