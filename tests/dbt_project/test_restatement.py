"""Footprints over three days of corrections: restated, split by cause, and built in any order.

Day one: a run of 10 kWh in two hours of Germany at 100 and 300 g/kWh, and a use of 1 kWh in the
first of them. Day two: the first hour is revised to 140 g, and a late use of 1 kWh in the second
comes. Day three: the first use took 2 kWh, and accelerators are given four years of life instead
of three.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.dbt_build import dbt_build
from flows.ingest import prepare_raw_tables
from flows.ingest_source import SourceRun
from flows.progress import Step
from flows.sources.registry import SOURCES
from warehouse.landing import Fetched
from warehouse.run import Run
from warehouse.settings import Settings

pytestmark = pytest.mark.slow

Rows = dict[str, list[dict[str, Any]]]
Load = Callable[[Settings, Rows, datetime], None]

SEEDS = Path(__file__).parents[2] / "dbt" / "seeds"
DAYS = tuple(datetime(2026, 11, day, tzinfo=UTC) for day in (2, 3, 4))
ONE, TWO, THREE = (f"timestamp '{day:%Y-%m-%d}'" for day in DAYS)
TEN = datetime(2026, 11, 1, 10, tzinfo=UTC)
ELEVEN = datetime(2026, 11, 1, 11, tzinfo=UTC)
TABLES = ("main.fct_inference_uses", "main.fct_footprints", "main.rpt_ghg_inventory")
SELECTION = (
    *("--select", "+rpt_ghg_inventory", "+rpt_restatement", "+footprints_as_of"),
    *("explain_footprint", "--exclude-resource-type", "unit_test"),
    *("--exclude-resource-type", "test"),
)


def _hour(start: datetime, gco2e_per_kwh: float) -> dict[str, Any]:
    return {
        "source_id": "electricity-maps",
        "provider_zone": "DE",
        "interval_start_at": start,
        "interval_minutes": 60,
        "intensity_basis": "average",
        "emission_factor_scope": "lifecycle",
        "flow_basis": "consumption",
        "carbon_intensity_gco2e_per_kwh": gco2e_per_kwh,
        "is_estimated": False,
    }


def _measured(name: str, start: datetime, energy_kwh: float, **more: object) -> dict[str, Any]:
    return {
        "measurement_id": name,
        "subject_kind": "inference_use",
        "boundary": "facility",
        "label_kind": "wall_metered",
        "project": "tea",
        "ownership": "owned",
        "region": "DE",
        "started_at": start,
        "energy_kwh": energy_kwh,
        **more,
    }


RUN = _measured(
    "run", TEN, 10.0, subject_kind="training_run", hardware="H100", hardware_count=1, duration_h=2.0
)


# The seed of the accounting's parameters as each day finds it.
THREE_YEARS = (SEEDS / "accounting_parameters.csv").read_text(encoding="utf-8")
FOUR_YEARS = THREE_YEARS.replace("hardware_lifetime_h,26280,", "hardware_lifetime_h,35040,")
PARAMETERS = (THREE_YEARS, THREE_YEARS, FOUR_YEARS)
ARRIVALS: tuple[Rows, ...] = (
    {
        "grid_intensities": [_hour(TEN, 100.0), _hour(ELEVEN, 300.0)],
        "measurements": [RUN, _measured("use", TEN, 1.0)],
    },
    {
        "grid_intensities": [_hour(TEN, 140.0), _hour(ELEVEN, 300.0)],
        "measurements": [_measured("late", ELEVEN, 1.0)],
    },
    {"measurements": [_measured("use", TEN, 2.0)]},
)


def _settings(folder: Path) -> Settings:
    settings = Settings(data_dir=folder)
    settings.build_path.parent.mkdir(parents=True)
    prepare_raw_tables(settings)
    return settings


def _arrive(settings: Settings, loader: Load, number: int) -> None:
    """What a day brings, and the parameters as they stand on it."""
    loader(settings, ARRIVALS[number], DAYS[number])
    name = "accounting_parameters.csv"
    seed = Fetched(PARAMETERS[number].encode(), name, "text/csv", f"seed {name}", "facts")
    run = Run.start(DAYS[number])
    source = SOURCES["joulehouse-seeds"]
    SourceRun(source, settings, run, loading=threading.Lock()).take([seed])


def _build(settings: Settings, at: datetime) -> None:
    dbt_build(settings, Run.start(at), f"{at:%Y%m%dT%H%M%SZ}", Step("dbt"), selection=SELECTION)


@pytest.fixture(scope="module")
def stepwise(tmp_path_factory: pytest.TempPathFactory, loader: Load, first_rows: Rows) -> Settings:
    """Built after each day."""
    settings = _settings(tmp_path_factory.mktemp("restatement") / "stepwise")
    loader(settings, first_rows, DAYS[0])
    for number, day in enumerate(DAYS):
        _arrive(settings, loader, number)
        _build(settings, day)
    return settings


def _asked(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(settings.build_path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def _operational(settings: Settings, table: str) -> dict[str, float]:
    return dict(
        _asked(
            settings,
            f"""
            select activity_id[14:], round(emissions_operational_kgco2e, 9) from {table}
            where is_own and is_primary
            """,
        )
    )


def test_a_report_is_restated_as_of_each_day(stepwise: Settings) -> None:
    # 10 kWh at (100 + 300) / 2 = 200 g; 1 kWh at 100 g
    assert _operational(stepwise, f"footprints_as_of({ONE})") == {"run": 2.0, "use": 0.1}
    # 10 kWh at (140 + 300) / 2 = 220 g; 1 kWh at 140 g; 1 kWh at 300 g
    second = {"run": 2.2, "use": 0.14, "late": 0.3}
    assert _operational(stepwise, f"footprints_as_of({TWO})") == second
    # 2 kWh at 140 g
    assert _operational(stepwise, f"footprints_as_of({THREE})") == second | {"use": 0.28}
    assert _operational(stepwise, "fct_footprints") == second | {"use": 0.28}
    assert _operational(stepwise, "footprints_as_of(timestamp '2026-11-01')") == {}
    now = "footprints_as_of(timestamp '2100-01-01')"
    assert _asked(stepwise, f"from fct_footprints except all from {now}") == []
    assert _asked(stepwise, f"from {now} except all from fct_footprints") == []


def _causes(settings: Settings, a: str, b: str) -> dict[tuple[str, str], tuple[float, ...]]:
    rows = _asked(
        settings,
        f"""
        select
            activity_id[14:], component, round(difference_by_activity_kgco2e, 9),
            round(difference_by_factor_kgco2e, 9), round(difference_by_method_kgco2e, 9)
        from rpt_restatement({a}, {b})
        where accounting_method = 'location_based' and activity_id like 'measurements:%'
        """,
    )
    return {(activity, component): tuple(causes) for activity, component, *causes in rows}


def test_a_difference_is_split_into_activity_factor_and_method(stepwise: Settings) -> None:
    first = _causes(stepwise, ONE, TWO)
    assert first[("run", "operational")] == (0.0, 0.2, 0.0)
    assert first[("use", "operational")] == (0.0, 0.04, 0.0)
    assert first[("late", "operational")] == (0.3, 0.0, 0.0)

    second = _causes(stepwise, TWO, THREE)
    assert second[("use", "operational")] == (0.14, 0.0, 0.0)
    assert ("run", "operational") not in second
    # 2 h of a card of 572.5524 kg: x 2 / 26280 = 0.043573 kg, and a quarter less over 35040 h
    by_activity, by_factor, by_method = second[("run", "embodied")]
    assert (by_activity, by_factor) == (0.0, 0.0)
    assert by_method == pytest.approx(-0.043573 / 4, rel=1e-4)


def test_the_causes_add_up_to_the_difference_of_the_reports(stepwise: Settings) -> None:
    ((before, after, difference, causes),) = _asked(
        stepwise,
        f"""
        with totals as (
            select
                (
                    select sum(coalesce(emissions_operational_kgco2e, 0)
                        + coalesce(emissions_embodied_kgco2e, 0)
                        + coalesce(emissions_end_of_life_kgco2e, 0))
                    from footprints_as_of({ONE}) where is_primary
                ) as before,
                (
                    select sum(coalesce(emissions_operational_kgco2e, 0)
                        + coalesce(emissions_embodied_kgco2e, 0)
                        + coalesce(emissions_end_of_life_kgco2e, 0))
                    from footprints_as_of({THREE}) where is_primary
                ) as after
        )
        select
            before, after, sum(difference_kgco2e),
            sum(difference_by_activity_kgco2e + difference_by_factor_kgco2e
                + difference_by_method_kgco2e)
        from totals, rpt_restatement({ONE}, {THREE})
        where accounting_method = 'location_based'
        group by all
        """,
    )
    assert after - before == pytest.approx(difference, abs=1e-6 * abs(before))
    assert difference == pytest.approx(causes, rel=1e-9)


def test_a_footprint_names_each_input_with_its_version(stepwise: Settings) -> None:
    rows = _asked(
        stepwise,
        """
        select input_name, input_value, source_id, recorded_at::date::varchar
        from explain_footprint(
            'training_run:measurements:run:facility:location_based:average:lifecycle'
        )
        where input_kind in ('activity', 'factor') and input_name like '%e%y%'
        """,
    )
    assert ("energy", 10.0, "measurements", "2026-11-02") in rows
    hours = [row[1:] for row in rows if row[0] == "carbon intensity of an hour"]
    assert hours == [
        (140.0, "electricity-maps", "2026-11-03"),
        (300.0, "electricity-maps", "2026-11-02"),
    ]
    assert _asked(stepwise, "select * from explain_footprint('no such footprint')") == []


def test_any_order_of_arrival_and_one_build_make_the_same_tables(
    stepwise: Settings, tmp_path: Path, loader: Load, first_rows: Rows
) -> None:
    at_once = _settings(tmp_path / "at_once")
    for number in (2, 0, 1, 0):  # the last day first, the first day twice
        _arrive(at_once, loader, number)
    loader(at_once, first_rows, DAYS[0])
    _build(at_once, DAYS[2])
    with duckdb.connect() as connection:
        connection.execute(f"attach '{stepwise.build_path}' as one (read_only)")
        connection.execute(f"attach '{at_once.build_path}' as other (read_only)")
        for table in TABLES:
            for left, right in (("one", "other"), ("other", "one")):
                found = connection.execute(
                    f"select * from {left}.{table} except all select * from {right}.{table}"
                ).fetchall()
                assert found == [], table
