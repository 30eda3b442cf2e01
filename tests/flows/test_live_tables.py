"""The sources of models, hardware, clouds and yearly tables, fetched from servers that play them.

What the raw tables hold is compared row by row with what the servers hold: on the first run, on
later ones, after corrections, and when providers fail.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flows.ingest import ingest
from flows.sources.registry import SOURCES
from warehouse.connections import build_connection
from warehouse.journal import SourceOutcome
from warehouse.landing import Landing
from warehouse.settings import Settings, get_settings

if TYPE_CHECKING:
    from local_providers.server import ProviderServer

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE_IDS = (
    *("huggingface", "ml-energy", "epoch", "mlco2-impact", "google-region-carbon"),
    *("gsf-real-time-cloud", "ember", "owid", "egrid"),
)
GENERATED_MODELS = 250
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Live:
    """A data folder and the providers that fill it."""

    folder: Path
    server: ProviderServer

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder)

    def state(self, source_id: str) -> Any:
        return self.server.state(source_id)

    def ingest(self, *source_ids: str, after: timedelta) -> dict[str, SourceOutcome]:
        """Run the flow so long after the first run; the providers' clock goes along."""
        self.server.world.now = NOON + after
        self.server.forget_requests()
        outcomes = ingest(as_of=NOON + after, source_ids=list(source_ids or SOURCE_IDS))
        return {outcome.source_id: outcome for outcome in outcomes}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with build_connection(self.settings, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def newest(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """What is in force of a versioned table."""
        (declared,) = (t for s in SOURCES.values() for t in s.tables if t.name == table)
        return self.query(
            f"select {', '.join(columns)} from raw.{table} qualify row_number() over ("
            f"partition by {', '.join(declared.key)} order by recorded_at desc) = 1"
        )

    def landed(self, source_id: str) -> int:
        return len(Landing(self.settings).records(source_id))


@contextmanager
def pointed_at(server: ProviderServer, folder: Path) -> Iterator[Live]:
    """Let flows in this process ask the server and write into the folder."""
    variables = server.environment(SOURCE_IDS) | {
        "JOULEHOUSE_DATA_DIR": str(folder),
        "JOULEHOUSE_HTTP_RETRIES": "1",
        "JOULEHOUSE_HTTP_BACKOFF_S": "0.01",
        "JOULEHOUSE_HUB_AUTHORS": "fieldnotes",
        "JOULEHOUSE_HUB_CARDS": "60",
    }
    generate = importlib.import_module("local_providers.generate")
    hub = server.state("huggingface")
    hub.publish(*generate.hub_models(GENERATED_MODELS))
    hub.most_a_page = 100
    registered = dict(SOURCES)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        SOURCES.clear()
        SOURCES.update({name: registered[name] for name in SOURCE_IDS})
        try:
            yield Live(folder, server)
        finally:
            SOURCES.clear()
            SOURCES.update(registered)
            get_settings.cache_clear()


@pytest.fixture(scope="module")
def first_run(
    _running_providers: ProviderServer,
    prefect_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[str, SourceOutcome]]:
    """The data folder after the first run of everything, and how that went. Only to be copied."""
    _running_providers.reset()
    with pointed_at(_running_providers, tmp_path_factory.mktemp("live")) as live:
        return live.folder, live.ingest(after=timedelta(0))


@pytest.fixture
def live(
    first_run: tuple[Path, dict[str, SourceOutcome]],
    provider_server: ProviderServer,
    tmp_path: Path,
) -> Iterator[Live]:
    """A copy of the first run's data, and the providers as they were then."""
    shutil.copytree(first_run[0], tmp_path / "data", symlinks=True)
    with pointed_at(provider_server, tmp_path / "data") as copied:
        yield copied


@pytest.fixture
def seen(
    first_run: tuple[Path, dict[str, SourceOutcome]], provider_server: ProviderServer
) -> Iterator[Live]:
    """The first run's own data, and the providers as they were then. Only to be looked at."""
    with pointed_at(provider_server, first_run[0]) as looked_at:
        yield looked_at


def states_and_errors(outcomes: dict[str, SourceOutcome]) -> dict[str, tuple[str, str]]:
    return {name: (outcome.state, outcome.error) for name, outcome in outcomes.items()}


@pytest.fixture(scope="module")
def truths() -> Mapping[str, Callable[[Live], tuple[set[Any], set[Any]]]]:
    """For each source what the raw tables must hold and what they do hold."""
    spec = importlib.util.spec_from_file_location(
        "raw_truths", Path(__file__).with_name("raw_truths.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TRUTHS


def test_the_first_run_loads_every_source(first_run):
    _, outcomes = first_run
    assert states_and_errors(outcomes) == dict.fromkeys(SOURCE_IDS, ("loaded", ""))


@pytest.mark.parametrize("source_id", SOURCE_IDS)
def test_the_raw_tables_hold_what_the_provider_holds(seen, source_id, truths):
    expected, found = truths[source_id](seen)
    assert expected
    assert found == expected


def test_what_cannot_be_is_in_quarantine_and_nothing_else_is(seen):
    found = seen.query(
        "select source_id, column_name, offending_value, count(*) from raw.quarantine "
        "where location not like '%README%' group by all order by all"
    )
    assert found == [
        ("huggingface", "emissions_gco2e", "-3.5", 1),
        ("huggingface", "emissions_gco2e", "9900000000000000.0", 1),
        ("huggingface", "emissions_value", "true", 1),
        # A row that is one field short puts its address where the memory belongs.
        ("mlco2-impact", "memory_gb", "https://vendor.example/datasheets/a10g", 1),
    ]


def test_front_matter_that_the_hub_cannot_read_is_read_from_the_card(seen):
    found = seen.query(
        "select model_id, emissions_gco2e from raw.huggingface_emissions "
        "where declared_in = 'readme' and model_id like 'fieldnotes/%' order by 1"
    )
    assert found == [
        ("fieldnotes/late-front-matter", 900),
        ("fieldnotes/never-closed", 33),
        ("fieldnotes/tab-in-front-matter", 41),
        ("fieldnotes/unclosed-quote", 77.5),
    ]


def test_a_run_with_nothing_new_asks_little_and_changes_nothing(live, truths):
    before = {name: truths[name](live)[1] for name in SOURCE_IDS}
    counts = {name: live.landed(name) for name in SOURCE_IDS}
    outcomes = live.ingest(after=A_DAY)
    assert {name: outcome.row_count for name, outcome in outcomes.items() if outcome.row_count} == {
        # The cards that waited for their turn are read now.
        "huggingface": outcomes["huggingface"].row_count
    }
    assert {name: truths[name](live)[1] for name in SOURCE_IDS} == before
    unchanged = [name for name in SOURCE_IDS if name != "huggingface"]
    assert {name: live.landed(name) for name in unchanged} == {
        name: counts[name] for name in unchanged
    }
    # A file that is the same is not sent again.
    for name in ("google-region-carbon", "owid", "egrid"):
        answers = {request.status for request in live.server.requests(name)}
        assert answers <= {304, 404}, name
    # Some thirty models changed last, the others years before: the second page of a hundred shows
    # it, and the third is not asked for.
    listing = live.server.requests("huggingface", "filter=co2_eq_emissions")
    assert [request.status for request in listing] == [200, 200]


def test_corrections_are_kept_as_versions(live, truths):
    later = NOON + A_DAY
    hub = live.state("huggingface")
    cards = importlib.import_module("local_providers.huggingface_cards")
    hub.publish(
        cards.corrected_kilograms(later - timedelta(hours=2)),
        cards.declaring("easel/new", 5.5, later - timedelta(hours=1)),
    )
    google_states = live.state("google-region-carbon")
    google_states.correct(2023, "asia-east1", intensity="505")
    google_states.add_year(2025)
    live.state("gsf-real-time-cloud").correct(2023, "eu-west-2", power_usage_effectiveness="1.2")
    live.state("mlco2-impact").impacts[0]["impact"] = "540"
    live.state("epoch").correct("ml_hardware.csv", "Google TPU v3", **{"TDP (W)": "450.0"})
    live.state("ml-energy").correct(
        "gpqa", "Birdwatch/Sparrow-7B-Instruct", energy_per_token_joules=0.5
    )
    measure = "emissions_intensity_gco2_per_kwh"
    live.state("ember").put("carbon-intensity", "2025", "France", "", value={measure: 44.5})
    live.state("owid").correct("France", 2024, carbon_intensity_elec="43.5")
    live.state("egrid").correct(2023, "SRL23", "CAMX", "SRC2ERTA", 440.25)
    outcomes = live.ingest(after=A_DAY)
    assert states_and_errors(outcomes) == dict.fromkeys(SOURCE_IDS, ("loaded", ""))
    for name in SOURCE_IDS:
        expected, found = truths[name](live)
        assert found == expected, name
    # What was said before is there too, with the day on which it was said.
    before_and_after = {
        "huggingface_emissions where model_id = 'easel/kilograms-as-grams' "
        "and declared_in = 'card_data'": ("emissions_gco2e", 0.69, 690),
        "google_region_carbon where year = 2023 and google_cloud_region = 'asia-east1'": (
            *("grid_carbon_intensity", 519, 505),
        ),
        "egrid_rates where year = 2023 and area_code = 'CAMX'": (
            *("co2e_lb_per_mwh", 452.125, 440.25),
        ),
        "mlco2_regions where region = 'asia-east1'": ("impact", 551, 540),
        "epoch_hardware where hardware_name = 'Google TPU v3'": ("tdp_w", 455, 450),
    }
    for rows, (column, before, after) in before_and_after.items():
        said = live.query(f"select {column}, fetched_at::date::varchar from raw.{rows} order by 2")
        assert said == [(before, "2026-11-22"), (after, "2026-11-23")], rows


def test_providers_that_fail_stop_no_other(live, monkeypatch, truths):
    faults = live.server.faults
    faults.add("epoch", "500")
    faults.add("owid", "html_200")
    faults.add("gsf-real-time-cloud", "renamed", field="cloud-region")
    faults.add("google-region-carbon", "404", path_part="/2022.csv")
    monkeypatch.setenv("EMBER_API_KEY", "no-such-key")
    before = {name: truths[name](live)[1] for name in SOURCE_IDS}
    live.state("mlco2-impact").impacts[0]["impact"] = "540"
    asked = ("epoch", "owid", "gsf-real-time-cloud", "google-region-carbon", "ember")
    outcomes = live.ingest(*asked, "mlco2-impact", after=A_DAY)
    assert {name: outcome.state for name, outcome in outcomes.items()} == {
        "epoch": "failed",
        "owid": "failed",
        "gsf-real-time-cloud": "failed",
        "ember": "failed",
        # The years that are there were had.
        "google-region-carbon": "partial",
        "mlco2-impact": "loaded",
    }
    words = {
        "epoch": "500 Internal Server Error",
        "owid": "text/html",
        "gsf-real-time-cloud": "cloud_region",
        "ember": "403",
        "google-region-carbon": "2022.csv",
    }
    assert {name for name, word in words.items() if word not in outcomes[name].error} == set()
    assert all("no-such-key" not in outcome.error for outcome in outcomes.values())
    # What was loaded earlier stays, and what works goes on.
    assert {name: truths[name](live)[1] for name in asked} == {name: before[name] for name in asked}
    expected, found = truths["mlco2-impact"](live)
    assert found == expected


def test_a_field_that_is_gone_from_some_rows_costs_only_those(live, truths):
    live.server.faults.add(
        "ml-energy", "renamed_some", field="energy_per_token_joules", path_part="/tasks/gpqa"
    )
    outcomes = live.ingest("ml-energy", after=A_DAY)
    # Eight rows (2 models x 2 GPUs x 2 batches), of which every second lost its energy.
    assert outcomes["ml-energy"].quarantined_count == 4
    reasons = live.query(
        "select distinct column_name from raw.quarantine where source_id = 'ml-energy'"
    )
    assert reasons == [("energy_per_token_joules",)]
    expected, found = truths["ml-energy"](live)
    assert found == expected


def test_a_listing_that_broke_off_is_completed_by_the_next_run(
    prefect_server, provider_server, tmp_path, truths
):
    with pointed_at(provider_server, tmp_path / "data") as live:
        # Not a 500: the Hub's own client waits half a minute before it gives that up.
        provider_server.faults.add("huggingface", "403_text", path_part="cursor=")
        outcomes = live.ingest("huggingface", after=timedelta(0))
        assert outcomes["huggingface"].state == "partial"
        assert "403" in outcomes["huggingface"].error
        assert len(live.newest("huggingface_models", "model_id")) >= 100
        provider_server.faults.clear()
        outcomes = live.ingest("huggingface", after=A_DAY)
        assert states_and_errors(outcomes) == {"huggingface": ("loaded", "")}
        expected, found = truths["huggingface"](live)
        assert found == expected


def test_the_hubs_limits_are_kept_and_what_fails_once_is_asked_again(
    prefect_server, provider_server, tmp_path, truths
):
    with pointed_at(provider_server, tmp_path / "data") as live:
        hub = live.state("huggingface")
        # Thirty requests in two seconds: the listing, our own models and sixty cards take longer.
        hub.quotas |= {"api": (30, 30), "resolvers": (30, 30)}
        hub.window_s = 2.0
        faults = provider_server.faults
        faults.add("huggingface", "closed", path_part="cursor=", times=1)
        faults.add("huggingface", "truncated", path_part="filter=", times=1)
        outcomes = live.ingest("huggingface", after=timedelta(0))
        assert states_and_errors(outcomes) == {"huggingface": ("loaded", "")}
        expected, found = truths["huggingface"](live)
        assert found == expected
        requests = provider_server.requests("huggingface")
        assert [request.status for request in requests].count(429) <= 2


def test_a_body_that_came_cut_is_asked_for_again(live, truths):
    cut = {
        "ml-energy": live.server.faults.add("ml-energy", "truncated", path_part="/index", times=1),
        "ember": live.server.faults.add("ember", "truncated", times=1),
    }
    live.state("ember").says_when = True
    outcomes = live.ingest(*cut, after=A_DAY)
    assert {name: outcome.error for name, outcome in outcomes.items()} == dict.fromkeys(cut, "")
    assert {name: fault.hits for name, fault in cut.items()} == dict.fromkeys(cut, 1)
    for name in cut:
        expected, found = truths[name](live)
        assert found == expected


def test_a_correction_is_seen_even_if_the_provider_lets_its_files_be_kept(live, truths):
    owid = live.state("owid")
    owid.cache_control = "max-age=300"
    owid.correct("France", 2024, carbon_intensity_elec="43.5")
    live.ingest("owid", after=A_DAY)
    # Another day on the platform's clock, a moment on the machine's.
    owid.correct("France", 2024, carbon_intensity_elec="42.5")
    live.ingest("owid", after=2 * A_DAY)
    expected, found = truths["owid"](live)
    assert found == expected
