"""docs/data_sources.md says what the seeds say; tests/unit/sources holds it to the registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from warehouse.settings import Settings


@pytest.fixture(scope="module")
def page() -> str:
    path: Path = Settings().project_dir / "docs" / "data_sources.md"
    return path.read_text(encoding="utf-8")


def _section(page: str, heading: str) -> str:
    return page.split(f"\n## {heading}\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]


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
        ("production_type_fuels", "{} production types"),
        ("grid_zone_keys", "{} keys of zones"),
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
