"""docs/data_sources.md says what the declarations and the seeds say."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from flows.sources.registry import SOURCES
from warehouse.settings import Settings

URL = re.compile(r"https?://[^\s,;()<>]+[^\s,;()<>.]")


@pytest.fixture(scope="module")
def page() -> str:
    path: Path = Settings().project_dir / "docs" / "data_sources.md"
    return path.read_text(encoding="utf-8")


def _section(page: str, heading: str) -> str:
    return page.split(f"\n## {heading}\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]


@pytest.mark.parametrize("source_id", sorted(SOURCES))
def test_source_stands_with_its_licence_citation_and_cadence(page: str, source_id: str) -> None:
    source = SOURCES[source_id]
    section = _section(page, source_id)

    assert source.licence_url in section
    for url in URL.findall(source.citation):
        assert url.rstrip("/") in section, url
    row = next(line for line in page.splitlines() if line.startswith(f"| [{source_id}]"))
    assert f"every {source.cadence.days} days" in row


@pytest.mark.parametrize("source_id", sorted(SOURCES))
def test_numbers_of_known_faults_are_those_of_the_declaration(page: str, source_id: str) -> None:
    """Whatever the page counts among the faults of a source, the declaration counts too."""
    faults = _section(page, source_id).split("Known faults:", maxsplit=1)[1]
    declared = " ".join(SOURCES[source_id].known_faults)

    for number in re.findall(r"\d[\d,]*\.\d+|\d[\d,]{2,}", faults):
        assert number.rstrip(",") in declared, number


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("published_training_runs", "{} accounts"),
        ("hardware", "{} accelerators"),
        ("hardware_aliases", "{} spellings"),
        ("models", "{} models"),
        ("model_aliases", "{} spellings"),
        ("countries", "{} countries"),
        ("grid_zones", "{} parts"),
        ("production_type_fuels", "{} ENTSO-E production types"),
        ("cloud_regions", "{} regions"),
    ],
)
def test_page_counts_the_rows_of_a_seed(
    page: str, seed: Callable[[str], pl.DataFrame], name: str, count: str
) -> None:
    assert count.format(seed(name).height) in _section(page, "Seeds")


def test_page_counts_the_labels_of_training_runs(
    page: str, seed: Callable[[str], pl.DataFrame]
) -> None:
    for label, number in seed("published_training_runs")["label_kind"].value_counts().rows():
        assert f"| `{label}` | {number} |" in page
