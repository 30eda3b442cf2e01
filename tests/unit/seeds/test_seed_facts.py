"""The facts in the seeds make sense, by themselves and with each other."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from flows.sources.registry import SOURCES

Seed = Callable[[str], pl.DataFrame]

LABEL_KINDS = {
    "wall_metered",
    "counter",
    "vendor_disclosed",
    "declared",
    "modelled",
    "tdp_derived",
}
# Vendors round: Switch's 27 days for 1024 TPUs of 245 W at a PUE of 1.1 are 178.8 MWh, not 179.
ENERGY_TOLERANCE = 0.02
EMISSIONS_TOLERANCE = 0.03
NUMBERS = [
    "energy_kwh",
    "average_power_w",
    "device_hours",
    "hardware_count",
    "duration_h",
    "pue_ratio",
    "carbon_intensity_gco2e_per_kwh",
    "reported_emissions_kgco2e",
    "parameters_total",
    "parameters_active",
    "tokens",
    "training_compute_flop",
    "utilization_ratio",
]


@pytest.fixture
def runs(seed: Seed) -> pl.DataFrame:
    return seed("published_training_runs").with_columns(
        pl.col(NUMBERS).cast(pl.Float64),
        pl.col("is_suspect", "is_estimated").replace_strict(
            {"true": True, "false": False}, return_dtype=pl.Boolean
        ),
    )


def test_label_is_one_of_the_known_kinds(runs: pl.DataFrame) -> None:
    assert set(runs["label_kind"]) <= LABEL_KINDS


def test_measures_of_a_run_are_positive(runs: pl.DataFrame) -> None:
    for name in NUMBERS:
        lowest = min(runs[name].drop_nulls().to_list())
        if name in ("carbon_intensity_gco2e_per_kwh", "reported_emissions_kgco2e"):
            assert lowest == 0  # hydropower, as OLMo's authors count it
        else:
            assert lowest > 0, name
    assert (runs["pue_ratio"].drop_nulls() >= 1).all()
    assert (runs["utilization_ratio"].drop_nulls() < 1).all()


def test_energy_is_power_times_hours(runs: pl.DataFrame) -> None:
    """Llama 3.1 405B: 30.84 million h × 700 W = 21,588,000 kWh. Facility energy holds the PUE."""
    checked = runs.drop_nulls(["energy_kwh", "average_power_w", "device_hours"]).with_columns(
        (
            pl.col("device_hours")
            * pl.col("average_power_w")
            / 1000
            * pl.when(pl.col("boundary") == "facility").then(pl.col("pue_ratio")).otherwise(1.0)
        ).alias("expected_kwh")
    )

    off = checked.filter(
        (pl.col("energy_kwh") / pl.col("expected_kwh") - 1).abs() > ENERGY_TOLERANCE
    )

    assert checked.height >= 30
    assert off["training_run_id"].to_list() == []
    llama = checked.filter(pl.col("training_run_id") == "published:llama-3.1-405b")
    assert llama["energy_kwh"].to_list() == [21_588_000.0]


def test_emissions_are_energy_times_intensity(runs: pl.DataFrame) -> None:
    """OPT: 324 MWh × 231 g/kWh × PUE 1.1 = 82.3 t, stated as 82 t.

    BLOOM's 24.7 t are the IT equipment's (433,196 kWh × 57 g/kWh); its PUE stands beside them.
    """
    overhead_left_out = "published:bloom-176b"
    checked = runs.drop_nulls(
        ["energy_kwh", "carbon_intensity_gco2e_per_kwh", "reported_emissions_kgco2e"]
    ).with_columns(
        (
            pl.col("energy_kwh")
            * pl.col("carbon_intensity_gco2e_per_kwh")
            / 1000
            * pl.when(
                (pl.col("boundary") == "accelerator")
                & (pl.col("training_run_id") != overhead_left_out)
            )
            .then(pl.col("pue_ratio").fill_null(1.0))
            .otherwise(1.0)
        ).alias("expected_kgco2e")
    )

    off = checked.filter(
        ~pl.col("is_suspect")
        & (
            (pl.col("reported_emissions_kgco2e") - pl.col("expected_kgco2e")).abs()
            > EMISSIONS_TOLERANCE * pl.col("expected_kgco2e")
        )
    )

    assert checked.height >= 30
    assert off["training_run_id"].to_list() == []


def test_implied_intensity_is_one_that_a_grid_can_have(runs: pl.DataFrame) -> None:
    """Outside 10 to 1000 g/kWh a run is suspect, or known for what it is.

    Llama 3.3 states 12.9 t for 7.0 million h × 700 W = 4,900 MWh: 2.6 g/kWh. OLMo 7B ran on
    hydropower that its authors count as zero; the card of ToxiGuardrail gives 0.2 g in Canada.
    """
    implied = runs.with_columns(
        (pl.col("reported_emissions_kgco2e") / pl.col("energy_kwh") * 1000).alias("gco2e_per_kwh")
    ).drop_nulls("gco2e_per_kwh")

    odd = implied.filter(~pl.col("gco2e_per_kwh").is_between(10, 1000))

    assert dict(odd.select("training_run_id", "is_suspect").rows()) == {
        "published:llama-3.3-70b-instruct": True,
        "published:olmo-1-7b": False,
        "published:toxiguardrail": False,
    }


def test_suspect_run_says_why(runs: pl.DataFrame) -> None:
    assert runs.filter("is_suspect")["suspect_reason"].null_count() == 0
    assert runs.filter(~pl.col("is_suspect"))["suspect_reason"].is_null().all()


def test_estimated_energy_says_how(runs: pl.DataFrame) -> None:
    assert runs.filter("is_estimated")["estimation_method"].null_count() == 0
    assert runs.filter(~pl.col("is_estimated"))["estimation_method"].is_null().all()


def test_true_energy_has_a_number_and_a_boundary(runs: pl.DataFrame) -> None:
    true_runs = runs.filter(
        pl.col("label_kind").is_in(["wall_metered", "counter", "vendor_disclosed"])
    )

    assert true_runs.height >= 20
    assert true_runs.select("energy_kwh", "boundary").null_count().sum_horizontal()[0] == 0


def test_bloom_is_no_measurement(runs: pl.DataFrame) -> None:
    """1,082,990 h × 0.4 kW = 433,196 kWh: what is often called measured is hours times TDP."""
    bloom = runs.row(by_predicate=pl.col("training_run_id") == "published:bloom-176b", named=True)

    assert bloom["device_hours"] * 0.4 == bloom["energy_kwh"] == 433_196
    assert bloom["label_kind"] == "tdp_derived"


def test_accounting_method_stands_only_beside_emissions(runs: pl.DataFrame) -> None:
    without = runs.filter(pl.col("reported_emissions_kgco2e").is_null())

    assert without["accounting_method"].is_null().all()


def test_peak_rates_do_not_fall_with_precision(seed: Seed) -> None:
    """Halving the width never makes a matrix unit slower."""
    order = ["fp32_flop", "tf32_flop", "bf16_flop", "fp8_flop", "fp4_flop"]
    names = [f"peak_{name}_per_s" for name in order]
    rows = seed("hardware").with_columns(pl.col(names).cast(pl.Float64))

    for row in rows.iter_rows(named=True):
        rates = [row[name] for name in names if row[name] is not None]
        assert rates == sorted(rates), row["hardware_id"]


def test_known_datasheets_are_met(seed: Seed) -> None:
    """NVIDIA's H100 SXM: 989.4 TFLOP/s BF16 dense (1,979 with sparsity), 700 W, 80 GB."""
    h100 = seed("hardware").row(
        by_predicate=pl.col("hardware_id") == "nvidia-h100-sxm-80gb", named=True
    )

    assert float(h100["peak_bf16_flop_per_s"]) == pytest.approx(989.4e12, rel=1e-3)
    assert float(h100["peak_fp8_flop_per_s"]) == pytest.approx(2 * 989.4e12, rel=1e-3)
    assert float(h100["tdp_w"]) == 700
    assert float(h100["memory_gb"]) == 80


def test_lifecycle_factor_is_never_below_the_direct_one(seed: Seed) -> None:
    factors = (
        seed("emission_factors")
        .with_columns(pl.col("gco2e_per_kwh").cast(pl.Float64))
        .pivot("emission_factor_scope", index="fuel", values="gco2e_per_kwh")
    )

    assert factors.filter(pl.col("lifecycle") < pl.col("direct")).is_empty()
    assert factors.filter(pl.col("lifecycle").is_null() != pl.col("direct").is_null()).is_empty()


def test_factor_lies_within_its_bounds(seed: Seed) -> None:
    bounds = ["lower_gco2e_per_kwh", "gco2e_per_kwh", "upper_gco2e_per_kwh"]
    factors = seed("emission_factors").with_columns(pl.col(bounds).cast(pl.Float64))

    bounded = factors.drop_nulls(bounds)
    assert bounded.height >= 10
    assert bounded.filter(
        ~pl.col(bounds[1]).is_between(pl.col(bounds[0]), pl.col(bounds[2]))
    ).is_empty()


def test_only_storage_has_no_factor(seed: Seed) -> None:
    """What storage gives back was counted, with its emissions, when it was first generated."""
    storage = seed("production_type_fuels").filter(pl.col("is_storage") == "true")["fuel"]
    without = seed("emission_factors").filter(pl.col("gco2e_per_kwh").is_null())["fuel"]

    assert set(without) == set(storage)


@pytest.mark.parametrize(
    ("fuel", "lifecycle", "direct"),
    [("coal", 820, 760), ("gas", 490, 370), ("nuclear", 12, 0), ("wind_onshore", 11, 0)],
)
def test_medians_are_those_of_the_ipcc(seed: Seed, fuel: str, lifecycle: int, direct: int) -> None:
    factors = seed("emission_factors").filter(pl.col("fuel") == fuel)

    of_scope = dict(factors.select("emission_factor_scope", "gco2e_per_kwh").rows())
    assert {scope: float(value) for scope, value in of_scope.items()} == {
        "lifecycle": lifecycle,
        "direct": direct,
    }


def test_proxy_says_for_what(seed: Seed) -> None:
    factors = seed("emission_factors")

    assert factors.filter(pl.col("is_proxy") == "true")["proxy_for"].null_count() == 0
    assert factors.filter(pl.col("is_proxy") == "false")["proxy_for"].is_null().all()


def test_power_usage_effectiveness_is_a_plausible_ratio_with_a_source(seed: Seed) -> None:
    stated = seed("cloud_regions").drop_nulls("pue_ratio")

    assert stated["pue_ratio"].cast(pl.Float64).is_between(1.0, 2.0).all()
    assert stated["pue_source_url"].null_count() == 0
    assert stated.filter(pl.col("pue_year").is_null())["pue_note"].null_count() == 0


def test_model_variant_shares_its_backbone(seed: Seed) -> None:
    backbones = dict(seed("models").select("model_id", "model_backbone").rows())

    assert backbones["qwen3-235b-a22b-instruct"] == backbones["qwen3-235b-a22b-instruct-fp8"]
    assert backbones["llama-3.3-70b-instruct"] == backbones["llama-3.1-70b"]


def test_active_parameters_are_no_more_than_all(seed: Seed) -> None:
    names = ["parameters_total", "parameters_active"]
    models = seed("models").with_columns(pl.col(names).cast(pl.Float64))

    assert models.filter(pl.col(names[1]) > pl.col(names[0])).is_empty()
    dense = models.filter(pl.col("architecture") == "dense").drop_nulls(names)
    assert (dense[names[0]] == dense[names[1]]).all()


def test_release_date_says_how_exact_it_is_and_where_it_was_read(seed: Seed) -> None:
    models = seed("models")
    dated = models.drop_nulls("release_date")

    assert (
        dated.select("release_date_precision", "release_date_source_url")
        .null_count()
        .sum_horizontal()[0]
        == 0
    )
    monthly = dated.filter(pl.col("release_date_precision") == "month")
    assert monthly["release_date"].str.ends_with("-01").all()
    assert models.filter(pl.col("release_date").is_null())["release_date_precision"].is_null().all()


def test_seed_cites_the_pinned_version_of_a_package(seed: Seed) -> None:
    """A new version of a source's package means that what was read from it is read again."""
    pinned = {source.source_id: source for source in SOURCES.values()}
    assert "leadgreen" in pinned
    cited = set(seed("models")["source_url"]) | set(seed("countries")["source_url"])

    versions = {url.split("@")[1].split("#")[0] for url in cited if "leadgreen-mcp@" in url}

    assert len(versions) == 1
    assert f"leadgreen-mcp {versions.pop()}" in pinned["leadgreen"].citation
