"""How fast a formula answers on a table: EcoLogits' published equations over ten million requests.

Its own library computes one request in about 0.6 ms. DuckDB has two threads, as a small machine
has, and adds the answers up, so that none can be left out. Nothing asserts a time; the processor's
time is printed too, because other programs share the clock on the wall. That the answers are right
is held by the worked examples.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from flows.dbt_build import dbt_build
from flows.ingest import prepare_raw_tables
from flows.progress import Step
from warehouse.run import Run
from warehouse.settings import Settings

REQUESTS, THREADS = 10_000_000, 2
NOW = datetime(2026, 11, 22, tzinfo=UTC)
_FIRST = (
    "parameters_active_billion := parameters_active_billion,"
    " parameters_total_billion := parameters_total_billion, output_tokens := output_tokens"
)
_REQUEST = f"{_FIRST}, pue_ratio := pue_ratio"
ANSWERS = {
    "energy": f"ecologits_request_energy_wh({_REQUEST})",
    "emissions, use and embodied": (
        f"ecologits_request_total_gco2e({_REQUEST},"
        " carbon_intensity_gco2e_per_kwh := carbon_intensity_gco2e_per_kwh)"
    ),
    "water": (
        f"ecologits_request_water_l({_REQUEST}, wue_on_site_l_per_kwh := 0.5,"
        " water_at_source_l_per_kwh := 3.1)"
    ),
}

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with the functions alone, and a log of requests to models of every size."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    settings.build_path.parent.mkdir(parents=True)
    prepare_raw_tables(settings)
    needed = [answer.split("(")[0] for answer in ANSWERS.values()]
    selection = ("--select", *(f"+{name}" for name in needed))
    dbt_build(settings, Run.start(NOW), "benchmark", Step("dbt build"), selection=selection)
    with duckdb.connect(settings.build_path) as connection:
        connection.execute(f"set threads = {THREADS}")
        connection.execute(
            f"""
            create temp table requests as
            select
                1e0 + hash(i) % 400 as parameters_active_billion,
                1e0 + hash(i) % 400 + hash(i, 1) % 600 as parameters_total_billion,
                1e0 * (hash(i, 2) % 2000) as output_tokens,
                1 + hash(i, 3) % 50 / 100 as pue_ratio,
                1e0 * (hash(i, 4) % 900) as carbon_intensity_gco2e_per_kwh
            from range({REQUESTS}) as numbers(i)
            """
        )
        yield connection


@pytest.mark.parametrize("names", [[name] for name in ANSWERS] + [list(ANSWERS)], ids=str)
def test_time_of_ten_million_requests(
    requests: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str], names: list[str]
) -> None:
    sums = ", ".join(f"count({ANSWERS[name]}), sum({ANSWERS[name]})" for name in names)
    wall, cpu = time.perf_counter(), time.process_time()
    answer = requests.execute(f"select {sums} from requests").fetchone()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    with capsys.disabled():
        sys.stdout.write(
            f"\n  {' + '.join(names)}: {REQUESTS / 1e6:.0f} million requests in {wall:.2f} s,"
            f" {cpu:.2f} s of the processor"
        )
    assert answer is not None
    assert answer[::2] == (REQUESTS,) * len(names)
