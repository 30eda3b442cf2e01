"""Each method of energy against an example worked by hand, with the arithmetic beside it."""

from __future__ import annotations

import duckdb
import pytest

pytestmark = pytest.mark.slow

# A model of 8 billion parameters on one GPU (1.2 x 8 x 2 = 19.2 GB) writes 1000 tokens.
_REQUEST = (
    "parameters_active_billion := 8, parameters_total_billion := 8, output_tokens := 1000,"
    " pue_ratio := 1.2"
)
# Its latency a token: 0.00067850881 x 8 + 0.00031193103 x 64 + 0.01947371758 = 0.04486537 s
_LATENCY_S = 44.8653740
# Its energy without PUE: 0.02920922 Wh of the server and 0.04508459 Wh of the GPU
_IT_ENERGY_WH = 0.0742938

EXAMPLES: list[tuple[str, object]] = [
    # 1000 h x 400 W x 0.6 / 1000
    ("training_energy_device_hours_kwh(1000, tdp_w := 400, utilization_ratio := 0.6)", 240.0),
    # 2 x 7e9 x 1000; as integers the product would still fit, a trillion tokens would not
    ("inference_compute_flop(parameters_active := 7000000000, tokens := 1000)", 1.4e13),
    # 700 W x 0.5 x 10 h = 3.5 kWh; x PUE 1.2
    (
        "time_based_energy_kwh(max_power_w := 700, utilization_ratio := 0.5, duration_h := 10,"
        " pue_ratio := 1.2)",
        4.2,
    ),
    # GPT-3: 14.8 days x 24 = 355.2 h; x 10000 V100 x 0.33 kW = 1172160 kWh; x PUE 1.1 =
    # 1289376 kWh; table 4 of the paper says 1287 MWh, from days before rounding
    (
        "patterson_training_energy_kwh(duration_h := 355.2, processor_count := 10000,"
        " average_power_w := 330, pue_ratio := 1.1)",
        1289376.0,
    ),
    # 8 GPUs: 300 W x 0.5 x 8 x 10 h = 12 kWh; 2 CPUs: 250 W x 0.4 x 2 x 10 h = 2 kWh
    (
        "(select llmcarbon_hardware_energy_kwh(peak_power_w := p, efficiency_ratio := e,"
        " unit_count := n, duration_h := 10)"
        " from (values (300, 0.5, 8), (250, 0.4, 2)) t(p, e, n))",
        14.0,
    ),
    # GPT-3: 314e21 / (125e12 x 0.197) = 1.2751269e10 s = 3542019.18 h; x 0.33 kW = 1168866.33 kWh;
    # x PUE 1.1 = 1285752.96 kWh, of 1287 MWh reported
    (
        "llmcarbon_operational_energy_kwh(training_compute_flop := 314e21,"
        " peak_flop_per_s := 125e12, hardware_efficiency_ratio := 0.197, average_power_w := 330,"
        " pue_ratio := 1.1)",
        pytest.approx(1285752.96, rel=1e-8),
    ),
    # CPU 8 x 15 W x 0.5 = 60 W, GPU 2 x 300 W x 0.8 = 480 W, memory 64 x 0.3725 = 23.84 W;
    # 563.84 W x 12 h x 1.67 / 1000 = 11.2993536 kWh
    (
        "green_algorithms_v3_energy_kwh(duration_h := 12, cpu_core_count := 8,"
        " cpu_core_power_w := 15, cpu_usage_ratio := 0.5, gpu_count := 2, gpu_power_w := 300,"
        " gpu_usage_ratio := 0.8, memory_gb := 64, pue_ratio := 1.67)",
        11.2993536,
    ),
    # 100 h x 300 W = 30 kWh; x 432 g/kWh = 12960 g
    (
        "ml_co2_impact_emissions_kgco2e(device_hours := 100, tdp_w := 300,"
        " carbon_intensity_gco2e_per_kwh := 432)",
        12.96,
    ),
    # 25 % of 12.96 kg
    ("ml_co2_impact_offset_kgco2e(emissions_kgco2e := 12.96, offset_pct := 25)", 3.24),
    # half of 150 W; 150 W x (0.1 + 0.9 x 0.5^3 = 0.2125); 150 W x 0.5
    ("codecarbon_cpu_power_w(tdp_w := 150, load_ratio := null)", 75.0),
    ("codecarbon_cpu_power_w(tdp_w := 150, load_ratio := 0.5, cpu_mode := 'cpu_load')", 31.875),
    ("codecarbon_cpu_power_w(150, load_ratio := 0.5, cpu_mode := 'cpu_load_process')", 75.0),
    # modules of 64 GB are at most an eighth of 512 GB: 8; 200 GB takes 16 GB: 12.5, up to 13
    ("codecarbon_dimm_count(memory_gb := 512)", 8),
    ("codecarbon_dimm_count(memory_gb := 200)", 13),
    # 64 GB x 3 W / 8 GB
    ("codecarbon_ram_power_w(memory_gb := 64, tracker_version := '2.8.4')", 24.0),
    # 8 modules: 5 W x (4 + 0.9 x 4); 16 modules of 128 GB: 5 W x (4 + 3.6 + 0.8 x 8)
    ("codecarbon_ram_power_w(memory_gb := 512, tracker_version := '3.3.2')", 38.0),
    ("codecarbon_ram_power_w(memory_gb := 2000, tracker_version := 'v3.0.1')", 70.0),
    # 32 modules: 5 W x (4 + 3.6 + 6.4 + 0.7 x 16); never less than 10 W, on ARM 3 W
    ("codecarbon_ram_power_w(memory_gb := 8192, tracker_version := '3')", 126.0),
    ("codecarbon_ram_power_w(memory_gb := 1, tracker_version := '3')", 10.0),
    ("codecarbon_ram_power_w(memory_gb := 1, tracker_version := '3', is_arm := true)", 3.0),
    # 1.5 kWh + 2 h x (75 W + 24 W) / 1000
    (
        "codecarbon_energy_kwh(duration_h := 2, cpu_power_w := 75, ram_power_w := 24,"
        " gpu_energy_kwh := 1.5)",
        1.698,
    ),
    # 10.2 kW / 8 / 0.7 kW; (10 / 16 / 0.3 + 1.5 / 4 / 0.3) / 2 = (2.08333 + 1.25) / 2
    ("epoch_server_overhead_ratio(hardware_name := 'NVIDIA H100 SXM5 80GB')", 1.8214285714285714),
    ("epoch_server_overhead_ratio(hardware_name := 'NVIDIA V100')", 5 / 3),
    ("epoch_server_overhead_ratio(hardware_name := 'Google TPU v4')", 1.56),
    ("epoch_average_power_share(hardware_name := 'Google TPU v3')", 0.43),
    ("epoch_average_power_share(hardware_name := 'NVIDIA A100')", 0.75),
    # peak: 1000 x 700 W x 1.82 x 1 x 1.14 = 1452360 W
    (
        "epoch_cluster_power_w(device_count := 1000, tdp_w := 700, server_overhead_ratio := 1.82,"
        " average_power_share := 1, pue_ratio := 1.14)",
        1452360.0,
    ),
    # 400 W x 2.03125 x 0.75 x 1.1 = 670.3125 W; x a million hours
    (
        "epoch_training_energy_kwh(device_hours := 1000000, tdp_w := 400,"
        " server_overhead_ratio := 2.03125, average_power_share := 0.75, pue_ratio := 1.1)",
        670312.5,
    ),
    # 2 x 100e9 x 500 = 1e14 FLOP / (989e12 x 0.1) = 1.011122 s; x 1275 W x 0.7 x 1.2 = 1071 W =
    # 1082.912 J = 0.300809 Wh: the published baseline says 0.301
    (
        "epoch_query_energy_wh(parameters_active := 100000000000, tokens := 500,"
        " peak_flop_per_s := 989e12)",
        pytest.approx(0.300809, rel=1e-5),
    ),
    # 2 x 8e9 / 6.59e11 = 0.0242792 J
    (
        "one_token_energy_j_per_token(parameters_active := 8000000000,"
        " hardware_efficiency_flop_per_j := 6.59e11)",
        pytest.approx(0.0242792, rel=1e-5),
    ),
    # 7140 W x 1.2 / 3000 a second
    (
        "throughput_energy_j_per_token(average_power_w := 7140, throughput_tokens_per_s := 3000,"
        " pue_ratio := 1.2)",
        2.856,
    ),
    # 8 x 0.055 / 8 / 8
    (
        "jegham_node_utilization_share(gpus_assigned := 8, device_utilization_ratio := 0.055)",
        0.006875,
    ),
    # (6 s + 1500 / 50 s) = 36 s = 0.01 h; 10200 W x 0.006875 + 1600 W x 0.0625 = 170.125 W;
    # x 0.01 h x 1.12 = 1.9054 Wh
    (
        "jegham_query_energy_wh(output_tokens := 1500, throughput_tokens_per_s := 50,"
        " time_to_first_token_s := 6, gpu_power_w := 10200, non_gpu_power_w := 1600,"
        " gpu_utilization_share := 0.006875, non_gpu_utilization_share := 0.0625,"
        " pue_ratio := 1.12)",
        1.9054,
    ),
    # 2 x 1e9 x 1000 + 4 x 10 x 1000^2 x 100 = 2e12 + 4e9
    (
        "diffusion_transformer_step_flop(parameters_active := 1000000000, latent_tokens := 1000,"
        " layer_count := 10, hidden_size := 100)",
        2.004e12,
    ),
    # Stable Diffusion 2.1: 1.1e12 x 50 steps x 2 passes x 1.1 = 1.21e14; half the steps of a clip
    # of twice the frames: 1.1e12 x 50 x 0.5 x 32 / 16 x 1.1 = 6.05e13
    (
        "diffusion_compute_flop(flop_per_step := 1.1e12, step_count := 50, passes_per_step := 2)",
        1.21e14,
    ),
    (
        "diffusion_compute_flop(1.1e12, 50, denoising_strength := 0.5, frame_count := 32,"
        " native_frame_count := 16)",
        6.05e13,
    ),
    # 1.21e14 x 4.42e-18 kWh = 0.53482 Wh, of 0.534 Wh measured
    ("diffusion_energy_wh(compute_flop := 1.21e14, energy_kwh_per_flop := 4.42e-18)", 0.53482),
    # 1000 x 0.04486537 s + 0.5 s; not above the 20 s that were measured
    (
        "ecologits_generation_latency_s(parameters_active_billion := 8, output_tokens := 1000,"
        " time_to_first_token_s := 0.5)",
        pytest.approx(_LATENCY_S + 0.5, rel=1e-8),
    ),
    ("ecologits_generation_latency_s(8, 1000, request_latency_s := 20)", 20.0),
    # 1.2 x 0.0742938 Wh x 400 g/kWh / 1000 = 0.0356610 g
    (
        f"ecologits_request_usage_gco2e({_REQUEST}, carbon_intensity_gco2e_per_kwh := 400)",
        pytest.approx(1.2 * _IT_ENERGY_WH * 0.4, rel=1e-5),
    ),
    # 2 / 8 x 5700 kg + 2 x 273 kg = 1425 + 546
    ("ecologits_server_embodied_kgco2e(gpus_required := 2)", 1971.0),
    # 5700 / 8 + 273 = 985.5 kg over 26280 h = 37.5 g/h; x 44.865374 s / 3600 / 64 = 0.00730231 g
    (
        "ecologits_request_embodied_gco2e(8, 8, output_tokens := 1000)",
        pytest.approx(37.5 * _LATENCY_S / 3600 / 64, rel=1e-7),
    ),
    # 0.0356610 g + 0.0073023 g
    (
        f"ecologits_request_total_gco2e({_REQUEST}, carbon_intensity_gco2e_per_kwh := 400)",
        pytest.approx(0.0429633, rel=1e-5),
    ),
    # 0.0742938 Wh / 1000 x (0.5 + 1.2 x 3 = 4.1 l/kWh) = 0.000304605 l
    (
        f"ecologits_request_water_l({_REQUEST}, wue_on_site_l_per_kwh := 0.5,"
        " water_at_source_l_per_kwh := 3)",
        pytest.approx(0.000304605, rel=1e-5),
    ),
]

OUT_OF_DOMAIN = [
    "training_energy_device_hours_kwh(1, 400, utilization_ratio := 1.1)",
    "training_energy_device_hours_kwh(1, 400, utilization_ratio := null)",
    "inference_compute_flop(-1, 1)",
    "time_based_energy_kwh(700, 0.5, 1, 0.9)",
    "time_based_energy_kwh(700, 1.5, 1, 1)",
    "patterson_training_energy_kwh(1, -1, 330, 1)",
    "(select llmcarbon_hardware_energy_kwh(p, 1, 1, 1) from (values (1), (null)) t(p))",
    "(select llmcarbon_hardware_energy_kwh(p, 1, 1, 1) from (values (1)) t(p) where p > 1)",
    "llmcarbon_operational_energy_kwh(1, 1, 0, 330, 1)",
    "green_algorithms_energy_kwh(1, 1, 1, 1, 1, 1, memory_power_w_per_gb := -1)",
    "green_algorithms_v3_energy_kwh(1, 1, 1, 1, 1, 1, 1.1, 1, 1)",
    "green_algorithms_v3_energy_kwh(1, 1, 1, 1, null, 1, 1, 1, 1)",
    "ml_co2_impact_emissions_kgco2e(1, 0, 1)",
    "ml_co2_impact_offset_kgco2e(1, 101)",
    "codecarbon_cpu_power_w(150, 1.1, 'cpu_load')",
    "codecarbon_cpu_power_w(150, null, 'cpu_load')",
    "codecarbon_cpu_power_w(150, 0.5, 'another')",
    "codecarbon_dimm_count(0)",
    "codecarbon_ram_power_w(64, '1.2.0')",
    "codecarbon_ram_power_w(64, 'newest')",
    "codecarbon_ram_power_w(64, '3.0', is_arm := null)",
    "codecarbon_energy_kwh(1, 1, 1, -1)",
    "epoch_cluster_power_w(1, 700, 0.9, 1, 1)",
    "epoch_training_energy_kwh(1, 700, 1.8, 1.1, 1)",
    "epoch_query_energy_wh(1, 1, 1, utilization_ratio := 0)",
    "one_token_energy_j_per_token(1, 0)",
    "throughput_energy_j_per_token(1, 0)",
    "jegham_node_utilization_share(9, 0.5)",
    "jegham_query_energy_wh(1, 0, 1, 1, 1, 1, 1, 1)",
    "diffusion_transformer_step_flop(1e9, 0, 1, 1)",
    "diffusion_compute_flop(1, 1, passes_per_step := 0)",
    "diffusion_energy_wh(1, 0)",
    "ecologits_generation_latency_s(8, 1000, request_latency_s := -1)",
    "ecologits_generation_latency_s(0, 1000)",
    "ecologits_request_energy_wh(8, 8, 'nan'::double, 1)",
    "ecologits_server_embodied_kgco2e(0)",
    "ecologits_request_embodied_gco2e(8, 8, 1000, batch_size := 0)",
    "ecologits_request_water_l(8, 8, 1000, 1.2, -1, 1)",
    "ecologits_request_total_gco2e(8, 8, 1000, 1.2, -1)",
]

ZERO_GIVES_ZERO = [
    "time_based_energy_kwh(700, 0.5, 0, 1.2)",
    "patterson_training_energy_kwh(0, 8, 330, 1.1)",
    "llmcarbon_operational_energy_kwh(0, 125e12, 0.2, 330, 1.1)",
    "green_algorithms_v3_energy_kwh(0, 8, 15, 0.5, 2, 300, 0.8, 64, 1.67)",
    "codecarbon_energy_kwh(0, 75, 24, 0)",
    "epoch_training_energy_kwh(0, 400, 1.8, 0.75, 1.1)",
    "epoch_query_energy_wh(1e11, 0, 989e12)",
    "diffusion_compute_flop(1e12, 0)",
    "ecologits_request_usage_gco2e(8, 8, 0, 1.2, 400)",
    "ecologits_request_embodied_gco2e(8, 8, 0)",
    "ecologits_request_water_l(8, 8, 0, 1.2, 0.5, 3)",
]


def _value(warehouse: duckdb.DuckDBPyConnection, call: str) -> object:
    row = warehouse.execute(f"select {call}").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(("call", "expected"), EXAMPLES, ids=[c.split("(")[0] for c, _ in EXAMPLES])
def test_worked_example(warehouse: duckdb.DuckDBPyConnection, call: str, expected: object) -> None:
    found = _value(warehouse, call)
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.parametrize("call", OUT_OF_DOMAIN)
def test_outside_of_its_domain_a_method_says_nothing(
    warehouse: duckdb.DuckDBPyConnection, call: str
) -> None:
    assert _value(warehouse, call) is None


@pytest.mark.parametrize("call", ZERO_GIVES_ZERO)
def test_zero_gives_zero(warehouse: duckdb.DuckDBPyConnection, call: str) -> None:
    assert _value(warehouse, call) == 0


def test_water_on_site_is_not_multiplied_by_pue(warehouse: duckdb.DuckDBPyConnection) -> None:
    call = "ecologits_request_water_l(8, 8, 1000, {}, 0.5, {})"
    assert _value(warehouse, call.format(1.2, 0)) == _value(warehouse, call.format(2, 0))
    # At the source it is: 2 / 1.25 times as much.
    source = call.replace("0.5", "0")
    once, more = (_value(warehouse, source.format(pue, 3)) for pue in (1.25, 2))
    assert isinstance(once, float)
    assert more == pytest.approx(once * 1.6)
