"""What a new source must bring: licence, citation, tests, a provider to test against, its docs."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from flows.sources.document import every, page_path, page_text
from flows.sources.protocol import Source
from flows.sources.registry import SOURCES
from warehouse.settings import Settings

ROOT = Path(__file__).parents[3]
BY_ID = pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
URL = re.compile(r"https?://[^\s,;()<>]+[^\s,;()<>.]")


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "data_sources.md").read_text(encoding="utf-8")


def _section(page: str, source_id: str) -> str:
    return page.split(f"\n## {source_id}\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]


def test_the_page_is_what_the_registry_writes(page: str):
    assert page_path().relative_to(Settings().project_dir) == Path("docs/data_sources.md")
    assert page == page_text(page), "run `python -m flows.sources.document`"


@BY_ID
def test_source_stands_in_the_page_with_licence_citation_and_cadence(page: str, source: Source):
    section = _section(page, source.source_id)
    assert source.licence_url in section
    for url in URL.findall(source.citation):
        assert url in section, url
    row = next(line for line in page.splitlines() if line.startswith(f"| [{source.source_id}]"))
    assert ("by import" if source.is_import_only else every(source.cadence)) in row
    words = " ".join(section.split())
    assert all(fault.split()[0] in words for fault in source.known_faults)


@BY_ID
def test_source_has_tests_with_fixtures_of_its_own(source: Source):
    module = source.source_id.replace("-", "_")
    text = (ROOT / "tests" / "unit" / "sources" / f"test_{module}.py").read_text()
    assert "def test_" in text


@BY_ID
def test_live_source_is_played_by_the_local_provider_server(source: Source):
    if not source.base_url:
        pytest.skip("an archive: pip brings it")
    module = source.source_id.replace("-", "_")
    assert (ROOT / "tests" / "providers" / f"{module}.py").exists()
    assert source.base_url_env


def test_every_address_can_be_replaced_by_a_variable_of_its_own():
    live = [source.base_url_env for source in SOURCES.values() if source.base_url]
    assert len(live) == len(set(live))
    # Our own seeds are files of the repository.
    nowhere = {source_id for source_id, source in SOURCES.items() if not source.base_url_env}
    imported = {source_id for source_id, source in SOURCES.items() if source.is_import_only}
    assert nowhere == imported | {"joulehouse-seeds"}


def test_notes_written_by_hand_are_kept(page: str):
    noted = page.replace("<!-- notes -->\n", "<!-- notes -->\nA remark of ours.\n\n", 1)
    assert page_text(noted).count("A remark of ours.") == 1
    with pytest.raises(ValueError, match="has no part between"):
        page_text("# Data sources\n")


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        (timedelta(minutes=15), "every 15 minutes"),
        (timedelta(hours=1), "every hour"),
        (timedelta(hours=6), "every 6 hours"),
        (timedelta(days=30), "every 30 days"),
    ],
)
def test_a_cadence_is_said_in_words(cadence: timedelta, words: str):
    assert every(cadence) == words
