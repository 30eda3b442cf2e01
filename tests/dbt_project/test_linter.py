"""The linter on raw rows with faults: each is found once, and what only looks like one is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.dbt_build import dbt_build
from flows.ingest import prepare_raw_tables
from flows.progress import Step
from warehouse.run import Run
from warehouse.settings import Settings

Rows = dict[str, list[dict[str, Any]]]

REPOSITORY = Path(__file__).parents[2]
AS_OF = datetime(2026, 11, 22, 6, tzinfo=UTC)
A100 = "NVIDIA A100 SXM 80GB"

# 8 cards of 400 W for 100 h are 320 kWh at their rating; at 70 % 224, and at 400 g/kWh 89.6 kg.
_RUN = {
    "subject_kind": "training_run",
    "boundary": "accelerator",
    "label_kind": "counter",
    "model_name": "Llama 3.1 8B",
    "hardware": A100,
    "hardware_count": 8.0,
    "duration_h": 100.0,
    "energy_kwh": 224.0,
}
_EMITTED = _RUN | {"carbon_intensity_gco2e_per_kwh": 400.0, "reported_emissions_kgco2e": 89.6}


def _day(year: int, month: int, day: int = 1, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


# What is wrong with a run, by the last part of its id, and the kind that must be found.
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    # 2 cards at 70 % for 1 h: 0.56 kWh are 2,016,000 J.
    "joules": (
        "energy_in_joules",
        _RUN | {"hardware_count": 2.0, "duration_h": 1.0, "energy_kwh": 2_016_000.0},
    ),
    "watt-hours": ("energy_in_watt_hours", _RUN | {"energy_kwh": 224_000.0}),
    "grams": ("emissions_thousandfold_low", _EMITTED | {"reported_emissions_kgco2e": 0.0896}),
    "kilograms": ("emissions_thousandfold_high", _EMITTED | {"reported_emissions_kgco2e": 89_600}),
    "tonnes": ("emissions_millionfold", _EMITTED | {"reported_emissions_kgco2e": 0.0000896}),
    "impossible": (
        "emissions_impossible",
        _RUN | {"reported_emissions_kgco2e": 0.58},  # 2.6 g/kWh
    ),
    "hours-of-one": ("gpu_count_ignored", _RUN | {"device_hours": 100.0}),
    "energy-of-one": (
        "gpu_count_ignored",
        _RUN | {"label_kind": "declared", "energy_kwh": 40.0},  # 100 h x 0.4 kW
    ),
    "emissions-of-one": ("gpu_count_ignored", _EMITTED | {"reported_emissions_kgco2e": 11.2}),
    # An H100 PCIe has 350 W; 520 kWh are 650 W each, which the SXM bears.
    "variant": (
        "swapped_variant",
        _RUN | {"hardware": "NVIDIA H100 PCIe 80GB", "energy_kwh": 520.0},
    ),
    # 8 x 100 h x 250 W, the rating of the PCIe card of 40 GB.
    "variant-by-rating": (
        "swapped_variant",
        _RUN | {"label_kind": "tdp_derived", "energy_kwh": 200.0},
    ),
    "hot": ("power_above_tdp", _RUN | {"energy_kwh": 640.0}),
    "idle": ("power_below_idle", _RUN | {"hardware_count": 1.0, "energy_kwh": 1.0}),
    "computed": ("label_kind_mislabelled", _RUN | {"energy_kwh": 320.0}),
    "zero": ("zero_energy", _RUN | {"energy_kwh": 0.0}),
    "intensity": ("intensity_outside_bounds", _RUN | {"carbon_intensity_gco2e_per_kwh": 0.4}),
    "future": ("starts_in_the_future", _RUN | {"started_at": _day(2031, 1)}),
    "hours": ("contradictory_hours", _RUN | {"device_hours": 500.0, "energy_kwh": 140.0}),
    # 8 x 730 h are 5840; 8 x 672 are 5376.
    "four-weeks": (
        "month_of_four_weeks",
        _RUN | {"duration_h": 730.0, "device_hours": 5376.0, "energy_kwh": 1505.0},
    ),
}
# A tracker's rows of one start: the third is the run.
_FLUSH = _RUN | {"model_name": "BLOOM", "started_at": _day(2026, 2, 3, 4), "hardware_count": 1.0}
CUMULATIVE = {
    f"flush-{hour}": _FLUSH | {"duration_h": float(hour), "energy_kwh": 0.3 * hour}
    for hour in (1, 2, 3)
}
_TWIN = _RUN | {"model_name": "OPT-175B", "started_at": _day(2026, 3, 4), "energy_kwh": 223.1}
TWINS = {"twin-1": _TWIN, "twin-2": _TWIN}
_MONTH = _RUN | {"model_name": "Gopher", "duration_h": 672.0, "energy_kwh": 1505.0}
MONTHS = {
    "month-1": _MONTH | {"started_at": _day(2026, 3)},
    "month-2": _MONTH | {"started_at": _day(2026, 4), "energy_kwh": 1405.0},
}

NEAR_MISSES: dict[str, dict[str, Any]] = {
    "sound": _EMITTED,
    "at-its-limit": _RUN | {"energy_kwh": 345.0},  # 1.08 x the rating
    "server": _RUN | {"boundary": "it", "energy_kwh": 560.0},  # 1.75 x
    "busy-little": _RUN | {"energy_kwh": 36.0},  # 11 % of all, 90 % of one
    "clean-grid": _RUN | {"reported_emissions_kgco2e": 2.5},  # 11 g/kWh
    "with-overhead": _EMITTED | {"pue_ratio": 1.2, "reported_emissions_kgco2e": 107.5},
    "half-of-the-rating": _RUN | {"energy_kwh": 160.0},
    "almost-the-rating": _RUN | {"energy_kwh": 318.0},
    "lowest-intensity": _RUN | {"carbon_intensity_gco2e_per_kwh": 5.0},
    "restarts": _RUN | {"device_hours": 780.0},
    "28-days": _RUN | {"duration_h": 672.0, "energy_kwh": 1504.0},
    "today": _RUN | {"started_at": AS_OF},
    "epoch-1": _FLUSH | {"model_name": "Meena", "energy_kwh": 28.1},
    "epoch-2": _FLUSH | {"model_name": "Meena", "energy_kwh": 28.3, "started_at": _day(2026, 2, 8)},
    "february": _MONTH | {"model_name": "LaMDA", "started_at": _day(2026, 2)},
    "march": _MONTH
    | {"model_name": "LaMDA", "started_at": _day(2026, 3), "duration_h": 744.0, "energy_kwh": 1600},
}


def _faulty_rows(clean: Rows) -> Rows:
    rows = dict(clean)
    runs = {f"fault-{name}": row for name, (_, row) in FAULTS.items()}
    runs |= {f"fault-{name}": row for name, row in (CUMULATIVE | TWINS | MONTHS).items()}
    runs |= {f"near-{name}": row for name, row in NEAR_MISSES.items()}
    use = _RUN | {"subject_kind": "inference_use", "output_tokens": 300.0, "hardware_count": 1.0}
    use |= {"duration_h": 0.1, "energy_kwh": 0.03}
    # 0.03 kWh are 108,000 J; 5 times the rating of 0.04 kWh is 0.2.
    uses = {f"fault-use-{n}": use | {"energy_kwh": 108_000.0} for n in range(3)}
    uses |= {"fault-use-hot": use | {"energy_kwh": 0.2}, "near-use": use}
    rows["measurements"] = [{"measurement_id": key} | row for key, row in (runs | uses).items()]
    rows["codecarbon_country_mixes"] = [
        {"iso_code": "ITA", "country_name": "Italy", "year": 2022, "carbon_intensity": 370.0}
        | {"total_twh": 280.0, "gas_twh": 140.0, "solar_twh": 100.0},
        {"iso_code": "ESP", "country_name": "Spain", "year": 2022, "carbon_intensity": 210.0}
        | {"total_twh": 280.0, "gas_twh": 180.0, "solar_twh": 98.0},
    ]
    rows["mlco2_gpus"] = [
        {"name": "Tesla V100-PCIE-16GB", "type": "gpu", "tdp_watts": 300.0, "memory_gb": 16.0},
        {"name": "T4", "type": "gpu", "tdp_watts": 70.0, "memory_gb": 16.0},
    ]
    cards = {"fault/totals": (31.22, 291.42, 539.0), "near/totals": (31.22, 507.5, 539.0)}
    rows["huggingface_cards"] = [
        {"model_id": card, "sha": "1", "state": "read", "front_matter": "ok", "statement_count": 3}
        for card in cards
    ]
    rows["huggingface_card_statements"] = [
        {"model_id": card, "statement_index": index, "kind": "emissions", "confidence": 0.9}
        | {"stated_value": figure * 1e6, "stated_unit": "gCO2e"}
        | {"quoted_span": f"{('7B', '70B', 'Total')[index]} emissions: {figure} tCO2eq"}
        for card, figures in cards.items()
        for index, figure in enumerate(figures)
    ]
    return rows


@pytest.fixture(scope="module")
def faulty(
    tmp_path_factory: pytest.TempPathFactory,
    first_rows: Rows,
    loader: Callable[[Settings, Rows, datetime], None],
) -> Path:
    """A warehouse built of the small rows and the faults."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("faulty"))
    settings.build_path.parent.mkdir(parents=True)
    prepare_raw_tables(settings)
    loader(settings, _faulty_rows(first_rows), AS_OF)
    dbt_build(
        settings,
        Run.start(AS_OF),
        "20261122T060000Z",
        Step("dbt build"),
        selection=(
            *("--select", "+meta_findings", "--indirect-selection", "cautious"),
            *("--exclude-resource-type", "unit_test"),
        ),
    )
    return settings.build_path


@pytest.fixture
def linted(faulty: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(faulty, read_only=True) as connection:
        yield connection


def _found(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return connection.execute(
        """
        select regexp_replace(subject, '^measurements:(.*):[a-z]+$', '\\1'), finding_kind
        from meta_findings where table_name = ? and not starts_with(finding_kind, 'unresolved_')
        order by all
        """,
        [table],
    ).fetchall()


def test_each_fault_of_a_run_is_found_once(linted: duckdb.DuckDBPyConnection) -> None:
    expected = {f"fault-{name}": kind for name, (kind, _) in FAULTS.items()}
    expected |= {"fault-flush-3": "cumulative_rows", "fault-twin-2": "duplicate_run"}
    expected |= dict.fromkeys(["fault-month-1", "fault-month-2"], "month_of_four_weeks")
    found = [row for row in _found(linted, "fct_training_runs") if row[0].startswith("fault-")]
    assert found == sorted(expected.items())


def test_what_only_looks_like_a_fault_is_not_found(linted: duckdb.DuckDBPyConnection) -> None:
    subjects = linted.execute("select subject from meta_findings").fetchall()
    assert [one for (one,) in subjects if "near" in one] == []


def test_uses_are_found_by_kind_with_a_count(linted: duckdb.DuckDBPyConnection) -> None:
    found = linted.execute(
        """
        select finding_kind, finding_count, severity from meta_findings
        where table_name = 'fct_inference_uses' order by 1
        """
    ).fetchall()
    assert found == [("energy_in_joules", 3, "error"), ("power_above_tdp", 1, "warning")]


def test_other_tables_are_linted_too(linted: duckdb.DuckDBPyConnection) -> None:
    assert _found(linted, "stg_codecarbon__country_mixes") == [
        ("IT / 2022", "total_not_sum_of_parts")
    ]
    assert _found(linted, "stg_huggingface__card_statements") == [
        ("fault/totals / emissions", "total_not_sum_of_parts")
    ]
    assert ("nvidia-v100-pcie-16gb / Tesla V100-PCIE-16GB", "swapped_variant") in _found(
        linted, "dim_hardware"
    )


def test_a_finding_says_what_was_expected(linted: duckdb.DuckDBPyConnection) -> None:
    # 8 x 100 h x 400 W are 320 kWh; an accelerator may be at 4 % to 110 % of it.
    found = linted.execute(
        """
        select severity, observed_value, expected_lower, round(expected_upper, 6), unit
        from meta_findings where contains(subject, 'fault-hot')
        """
    ).fetchall()
    assert found == [("error", 640.0, 12.8, 352.0, "kWh")]


def test_findings_change_no_figure(linted: duckdb.DuckDBPyConnection) -> None:
    (energy_kwh,) = linted.execute(
        "select energy_kwh from fct_training_runs where contains(training_run_id, 'fault-joules')"
    ).fetchone() or (None,)
    assert energy_kwh == 2_016_000


def test_clean_rows_have_none_of_these_findings(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        """
        select distinct finding_kind from meta_findings
        where subject like 'measurements:%' or table_name like 'stg%'
            or table_name = 'fct_inference_uses'
        """
    ).fetchall()
    assert found == []


def test_every_rule_is_in_the_document(linted: duckdb.DuckDBPyConnection) -> None:
    rules = linted.execute(
        "select finding_kind, severity, threshold from meta_finding_rules"
    ).fetchall()
    text = (REPOSITORY / "docs" / "data_quality.md").read_text(encoding="utf-8")
    text = text.partition("## The rules")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    written = {row[0].strip("|` "): (row[1], row[3]) for row in rows}
    assert written == {kind: (severity, threshold) for kind, severity, threshold in rules}


def test_every_kind_that_a_model_names_is_a_rule(linted: duckdb.DuckDBPyConnection) -> None:
    kinds = {
        kind for (kind,) in linted.execute("select finding_kind from meta_finding_rules").fetchall()
    }
    families = REPOSITORY / "dbt" / "models" / "intermediate" / "findings"
    named = {
        kind
        for path in families.glob("int_findings__*.sql")
        for kind in re.findall(r"'(\w+)' as finding_kind", path.read_text())
    }
    assert named <= kinds
    assert len(kinds) > 60
