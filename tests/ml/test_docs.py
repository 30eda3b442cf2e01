"""The written schema and the one in the code are the same."""

from pathlib import Path

import pytest

from ml.columns import INPUTS, OUTPUTS
from ml.evaluate import SPLIT_NOTES
from ml.intervals import ASSUMED, CONFORMAL

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("task", INPUTS)
def test_every_column_is_documented(task):
    text = (DOCS / "prediction.md").read_text()
    section = text.split(f"### {task}")[1].split("\n## ")[0].split("\n### ")[0]
    for column in INPUTS[task]:
        assert f"| `{column.name}` |" in section
    for name in OUTPUTS[task]:
        assert f"`{name}`" in text


def test_every_split_and_kind_of_interval_is_explained():
    text = (DOCS / "methodology_ml.md").read_text()
    assert all(f"`{split}`" in text for split in SPLIT_NOTES)
    schema = (DOCS / "prediction.md").read_text()
    assert f"`{ASSUMED}`" in schema
    assert f"`{CONFORMAL}`" in schema
