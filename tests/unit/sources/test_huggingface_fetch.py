"""Asking the Hub, played by a local server: pages, increments, limits, faults, cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from flows.sources.context import FetchContext
from flows.sources.http_errors import AccessError, ProviderDownError
from flows.sources.huggingface import SOURCE
from flows.sources.protocol import Arrival
from warehouse.errors import SourceError
from warehouse.landing import Fetched, Landing
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.spans import Span

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEGIN = datetime(2016, 1, 1, tzinfo=UTC)


class _Hub:
    """A data folder, and fetches into it as the loader would do them."""

    def __init__(self, server: Any, folder: Path) -> None:
        seeds = folder / "project" / "dbt" / "seeds"
        seeds.mkdir(parents=True)
        (seeds / "models.csv").write_text("model_id,huggingface_id\nown,a/own\nother,\n")
        self.folder = folder
        self.landing = Landing(self.settings)
        self.coverage: dict[str, tuple[Span, ...]] = {}
        self.server = server
        self.state = server.state("huggingface")
        self.state.delete()

    @property
    def settings(self) -> Settings:
        """With what the environment says now."""
        return Settings(
            data_dir=self.folder / "data",
            project_dir=self.folder / "project",
            http_backoff_s=0.01,
            http_timeout_s=5,
            http_max_wait_s=10,
        )

    def fetch(
        self,
        now: datetime = NOON,
        *,
        hub_time: datetime | None = None,
        **options: Any,
    ) -> list[Fetched]:
        self.server.world.now = hub_time or now
        self.server.forget_requests()
        run = Run.start(now)
        context = FetchContext(
            self.settings, self.landing, run, SOURCE, coverage=self.coverage, **options
        )
        bodies = []
        try:
            for fetched in SOURCE.fetch(context):
                self.landing.land(SOURCE.source_id, fetched, run)
                bodies.append(fetched)
                if fetched.covers:
                    had = self.coverage.get(fetched.covers.series_id, ())
                    self.coverage[fetched.covers.series_id] = (*had, fetched.covers.span)
        finally:
            context.close()
            self.bodies = bodies
        return bodies

    def asked(self, part: str) -> int:
        return len(self.server.requests("huggingface", part))


@pytest.fixture
def hub(
    provider_server: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> _Hub:
    for name, value in provider_server.environment(["huggingface"]).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("JOULEHOUSE_HUB_AUTHORS", raising=False)
    monkeypatch.delenv("JOULEHOUSE_HUB_CARDS", raising=False)
    return _Hub(provider_server, tmp_path)


def _publish(hub: _Hub, count: int, begin: datetime, *, org: str = "birds") -> None:
    from local_providers.huggingface_cards import declaring

    hub.state.publish(
        *(
            declaring(f"{org}/m{i:04d}", {"emissions": i + 0.5}, begin + timedelta(hours=i))
            for i in range(count)
        )
    )


def _listed(bodies: list[Fetched]) -> list[str]:
    pages = [body for body in bodies if body.about["kind"] == "listing"]
    return [record["id"] for page in pages for record in orjson.loads(page.body)]


def _cards(bodies: list[Fetched]) -> dict[str, str]:
    return {b.about["model"]: b.about["state"] for b in bodies if b.about["kind"] == "readme"}


def test_first_run_follows_the_pages_to_the_end(hub, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "0")
    _publish(hub, 2300, datetime(2026, 1, 1, tzinfo=UTC))
    bodies = hub.fetch()
    # 2,300 models, 1,000 a page: three pages.
    assert hub.asked("/api/models?") == 3
    assert sorted(_listed(bodies)) == sorted(model.id for model in hub.state.models())
    covers = [body.covers for body in bodies if body.about["kind"] == "listing"]
    assert covers[:2] == [None, None]
    newest = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=2299)
    assert covers[2].span == Span(BEGIN, newest)
    rows = sum(
        SOURCE.parse(Arrival(b.body, b.name, NOON, b.about)).frames["huggingface_models"].height
        for b in bodies
    )
    assert rows == 2300


def test_next_run_asks_only_as_far_back_as_something_changed(hub, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "0")
    _publish(hub, 2300, datetime(2026, 1, 1, tzinfo=UTC))
    hub.fetch()
    _publish(hub, 2, NOON - timedelta(hours=20), org="late")
    bodies = hub.fetch(NOON + timedelta(days=1))
    # The second page is the first that is older than the watermark less 48 hours.
    assert hub.asked("/api/models?") == 2
    assert {"late/m0000", "late/m0001"} <= set(_listed(bodies))
    assert hub.coverage["models"][-1].end_at == NOON - timedelta(hours=19)
    assert len(_listed(hub.fetch(NOON, is_full=True))) == 2302


def test_model_that_changes_while_pages_are_turned_is_met_by_the_next_run(hub, monkeypatch):
    from local_providers.huggingface_cards import declaring

    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "0")
    _publish(hub, 2300, datetime(2026, 1, 1, tzinfo=UTC))
    original = hub.landing.land

    def land_and_change(source_id, fetched, run, **options):
        # After the first page was kept, the oldest model, on the last page, moves to the front.
        if not moved:
            moved.append(declaring("birds/m0000", {"emissions": 99}, NOON - timedelta(minutes=1)))
            hub.state.publish(*moved)
        return original(source_id, fetched, run, **options)

    moved = []
    hub.landing.land = land_and_change
    first = _listed(hub.fetch())
    assert len(set(first)) == 2299
    assert "birds/m0000" not in first
    assert "birds/m0000" in _listed(hub.fetch(NOON + timedelta(hours=1)))


def test_interrupted_listing_keeps_its_pages_and_claims_nothing(hub):
    _publish(hub, 2300, datetime(2026, 1, 1, tzinfo=UTC))
    hub.server.faults.add("huggingface", "403", path_part="/api/models", after=2)
    with pytest.raises(AccessError, match="was answered with 403"):
        hub.fetch()
    assert len(_listed(hub.bodies)) == 2000
    assert [body.covers for body in hub.bodies] == [None, None]


def test_clock_that_runs_ahead_does_not_hide_what_comes(hub, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "0")
    _publish(hub, 1, NOON + timedelta(days=30))
    # The Hub's clock is 40 days ahead of ours: we do not claim to have seen those days.
    hub.fetch(NOON, hub_time=NOON + timedelta(days=40))
    assert hub.coverage["models"][0].end_at == NOON


def test_cards_are_read_once_and_a_number_a_run(hub, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "4")
    _publish(hub, 10, datetime(2026, 1, 1, tzinfo=UTC))
    hub.state.publish(_without_front_matter("birds/broken", datetime(2026, 1, 2, tzinfo=UTC)))
    first = _cards(hub.fetch())
    assert len(first) == 4
    assert "birds/broken" in first, "what the Hub cannot read goes first"
    second = _cards(hub.fetch(NOON + timedelta(days=1)))
    third = _cards(hub.fetch(NOON + timedelta(days=2)))
    assert (len(second), len(third)) == (4, 3)
    assert len({**first, **second, **third}) == 11
    assert _cards(hub.fetch(NOON + timedelta(days=3))) == {}
    assert hub.asked("/resolve/") == 0


def test_card_is_read_again_when_its_model_changes(hub):
    _publish(hub, 2, datetime(2026, 1, 1, tzinfo=UTC))
    assert len(_cards(hub.fetch())) == 2
    from local_providers.huggingface_cards import declaring

    hub.state.publish(declaring("birds/m0001", {"emissions": 7}, NOON + timedelta(hours=1)))
    assert _cards(hub.fetch(NOON + timedelta(days=1))) == {"birds/m0001": "read"}


def test_queue_that_was_lost_is_made_again_from_what_landed(hub, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "2")
    _publish(hub, 5, datetime(2026, 1, 1, tzinfo=UTC))
    first = _cards(hub.fetch())
    (hub.settings.data_dir / "cache" / "huggingface-cards.sqlite").unlink()
    second = _cards(hub.fetch(NOON + timedelta(days=1)))
    assert len(second) == 2
    assert not set(first) & set(second)


def test_card_that_is_not_there_is_noted_and_not_asked_for_again(hub):
    _publish(hub, 1, datetime(2026, 1, 1, tzinfo=UTC))
    bare = _without_front_matter("birds/bare", datetime(2026, 1, 2, tzinfo=UTC))
    hub.state.publish(replace(bare, readme=None))
    assert _cards(hub.fetch())["birds/bare"] == "missing"
    assert "birds/bare" not in _cards(hub.fetch(NOON + timedelta(days=1)))


def test_card_that_failed_goes_behind_the_others(hub, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "2")
    _publish(hub, 4, datetime(2026, 1, 1, tzinfo=UTC))
    hub.server.faults.add("huggingface", "500", path_part="m0000/resolve")
    with pytest.raises(SourceError, match=r"1 of 2 parts failed \(birds/m0000\)"):
        hub.fetch()
    assert set(_cards(hub.bodies)) == {"birds/m0001"}
    assert set(_cards(hub.fetch(NOON + timedelta(days=1)))) == {"birds/m0002", "birds/m0003"}
    hub.server.faults.clear()
    assert set(_cards(hub.fetch(NOON + timedelta(days=2)))) == {"birds/m0000"}


@pytest.mark.parametrize("kind", ["shuffled", "duplicates", "extra_field"])
def test_disturbed_pages_lose_nothing(hub, monkeypatch, kind):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "0")
    _publish(hub, 1200, datetime(2026, 1, 1, tzinfo=UTC))
    hub.fetch()
    _publish(hub, 2, NOON - timedelta(hours=20), org="late")
    hub.server.faults.add("huggingface", kind, path_part="/api/models")
    listed = set(_listed(hub.fetch(NOON + timedelta(days=1))))
    assert {"late/m0000", "late/m0001"} <= listed


def test_redirected_card_is_followed(hub):
    _publish(hub, 1, datetime(2026, 1, 1, tzinfo=UTC))
    hub.state.redirects_files = True
    (card,) = [body for body in hub.fetch() if body.about["kind"] == "readme"]
    assert card.body == hub.state.model("birds/m0000").readme.encode()


def test_models_of_our_own_and_of_chosen_authors_are_asked_for(hub, monkeypatch):
    from local_providers.huggingface_models import hub_model

    monkeypatch.setenv("JOULEHOUSE_HUB_AUTHORS", "eggs, nobody")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    body = "# Egg\n\nTotal energy: 5 kWh\n"
    hub.state.publish(*(hub_model(name, at, body=body) for name in ("a/own", "eggs/one", "x/y")))
    bodies = hub.fetch()
    assert set(_cards(bodies)) == {"a/own", "eggs/one"}
    assert [b.about["model"] for b in bodies if b.about["kind"] == "model"] == ["a/own"]
    assert hub.coverage["models:eggs"][0].end_at == at


@pytest.mark.parametrize("kind", ["truncated", "html_200", "empty", "reset"])
def test_spoilt_page_is_asked_for_again(hub, monkeypatch, kind):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "0")
    _publish(hub, 3, datetime(2026, 1, 1, tzinfo=UTC))
    hub.server.faults.add("huggingface", kind, path_part="/api/models", times=1)
    assert len(_listed(hub.fetch())) == 3
    assert hub.asked("/api/models?") == 2


def test_limit_is_waited_for(hub, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "0")
    _publish(hub, 3, datetime(2026, 1, 1, tzinfo=UTC))
    hub.server.faults.add("huggingface", "429", path_part="/api/models", times=1, retry_after="1")
    assert len(_listed(hub.fetch())) == 3
    first, second, *_ = hub.server.requests("huggingface", "/api/models")
    assert second.at_s - first.at_s >= 1


def test_wait_beyond_our_patience_ends_the_fetch(hub):
    hub.server.faults.add("huggingface", "429", path_part="/api/models", retry_after="3000")
    with pytest.raises(ProviderDownError, match="the request to wait 3000 s"):
        hub.fetch()
    assert hub.asked("/api/models") == 1


def test_error_in_a_good_answer_is_reported(hub):
    hub.server.faults.add("huggingface", "error_200", path_part="/api/models")
    with pytest.raises(SourceError, match=r"GET http\S+/api/models: an error came.*Internal Error"):
        hub.fetch()


def test_renamed_field_is_kept_for_quarantine_and_the_pages_go_on(hub, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "0")
    _publish(hub, 1500, datetime(2026, 1, 1, tzinfo=UTC))
    fault = {"field": "id", "to": "name", "every": 100}
    hub.server.faults.add("huggingface", "renamed_some", path_part="/api/models", **fault)
    bodies = [body for body in hub.fetch() if body.about["kind"] == "listing"]
    parsed = [SOURCE.parse(Arrival(b.body, b.name, NOON, b.about)) for b in bodies]
    good = sum(one.frames["huggingface_models"].height for one in parsed)
    refused = sum(one.rejects.filter(table_name="huggingface_models").height for one in parsed)
    assert (good, refused) == (1485, 15)
    assert hub.coverage == {}, "so that the next run asks for all of it again"


def test_token_is_sent_and_written_nowhere(hub, tmp_path):
    _publish(hub, 2, datetime(2026, 1, 1, tzinfo=UTC))
    hub.fetch()
    sent: list[Mapping[str, str]] = [one.headers for one in hub.server.requests("huggingface")]
    assert all(headers["authorization"] == f"Bearer {hub.state.key}" for headers in sent)
    for path in (tmp_path / "data").rglob("*"):
        assert path.is_dir() or hub.state.key.encode() not in path.read_bytes()


def test_token_that_lies_about_on_the_machine_is_not_sent(hub, monkeypatch, tmp_path):
    token = tmp_path / "token"
    token.write_text("hf_lying_about")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(token))
    monkeypatch.delenv("HF_TOKEN")
    _publish(hub, 1, datetime(2026, 1, 1, tzinfo=UTC))
    hub.fetch()
    assert not any("authorization" in one.headers for one in hub.server.requests("huggingface"))


def test_wrong_token_is_reported_without_it(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong_token")
    with pytest.raises(AccessError, match="401") as caught:
        hub.fetch()
    assert "hf_wrong_token" not in str(caught.value)
    assert caught.value.is_about_the_key


def test_machine_without_a_network_is_told_so(hub, monkeypatch):
    # The library's own retries take half a minute; what they are is its affair.
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ProviderDownError, match="no connection") as caught:
        hub.fetch()
    assert caught.value.is_unreachable


def test_fetch_that_was_left_in_its_middle_does_not_hold_the_next(hub, monkeypatch):
    monkeypatch.setenv("JOULEHOUSE_HUB_CARDS", "0")
    _publish(hub, 3, datetime(2026, 1, 1, tzinfo=UTC))
    context = FetchContext(hub.settings, hub.landing, Run.start(NOON), SOURCE)
    left = iter(SOURCE.fetch(context))
    next(left)
    assert len(_listed(hub.fetch())) == 3
    left.close()
    assert len(_listed(hub.fetch(is_full=True))) == 3


def test_backfill_asks_nothing(hub):
    assert hub.fetch(backfill=Span(NOON - timedelta(days=9), NOON)) == []
    assert hub.asked("") == 0


def _without_front_matter(model_id: str, at: datetime) -> Any:
    from local_providers.huggingface_models import hub_model

    made = hub_model(model_id, at, front_matter="---\nco2_eq_emissions:\n\temissions: 4\n---\n")
    made.fields["tags"].append("co2_eq_emissions")
    return made
