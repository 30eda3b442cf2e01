"""The entity diagram and dbt's exposures follow from the project as it is now."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
REMEDY = "Run `python docs/describe_project.py`."


@pytest.fixture(scope="module")
def script():
    path = REPOSITORY / "docs" / "describe_project.py"
    spec = importlib.util.spec_from_file_location("describe_project", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["describe_project"] = module
    spec.loader.exec_module(module)
    return module


def test_the_entity_diagram_is_current(script):
    assert script.DIAGRAM.read_text(encoding="utf-8") == script.diagram(), REMEDY


def test_the_exposures_are_current(script):
    assert script.EXPOSURES.read_text(encoding="utf-8") == script.exposures(), REMEDY


def test_every_page_of_the_dashboard_is_an_exposure_that_reads_something():
    exposures = yaml.safe_load((REPOSITORY / "dbt" / "models" / "exposures.yml").read_text())
    found = {exposure["name"]: exposure["depends_on"] for exposure in exposures["exposures"]}
    views = {path.stem for path in (REPOSITORY / "panel_app" / "views").glob("*.py")}
    pages = {name.split("_")[0] for name in views if not name.startswith("__")}
    assert {f"panel_{page}" for page in pages} | {"ml_features"} <= found.keys()
    assert all(found.values())


# What could not be read has no key of its own: one field may be refused twice over.
WITHOUT_KEY = {"meta_quarantine"}


def test_every_mart_is_drawn_with_a_key_that_it_has(script):
    drawn = {entity.name: entity for entity in script.entities()}
    assert drawn.keys() == {path.stem for path in script.MARTS.glob("*.sql")}
    for entity in drawn.values():
        assert entity.key or entity.name in WITHOUT_KEY, f"{entity.name} has no tested key"
        assert set(entity.key) <= entity.types.keys(), entity.name


def test_a_line_leads_to_a_column_of_a_mart(script):
    drawn = {entity.name: entity for entity in script.entities()}
    lines = [
        (entity.name, column, *target)
        for entity in drawn.values()
        for column, target in entity.leads_to.items()
    ]
    assert ("fct_training_runs", "model_id", "dim_models", "model_id") in lines
    for _name, _column, target, field in lines:
        assert field in drawn[target].types


def test_the_citation_file_is_of_this_version_and_licence():
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
