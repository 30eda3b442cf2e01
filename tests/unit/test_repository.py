"""What holds the repository's own files together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from warehouse.settings import Settings

ROOT = Path(__file__).parents[2]
COMMITTED_TEXT = (
    *("pyproject.toml", "requirements.lock", "requirements-bootstrap.lock", "Makefile"),
    *("prefect.yaml", ".pre-commit-config.yaml", ".env.example", ".ci/run"),
)


def test_env_example_documents_every_setting_with_its_default():
    text = (ROOT / ".env.example").read_text()
    documented = dict(re.findall(r"^#?JOULEHOUSE_([A-Z0-9_]+)=(.*)$", text, flags=re.MULTILINE))
    assert set(documented) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        # Folders differ from machine to machine; of a list, empty by default, an example is shown.
        if isinstance(field.default, str | int | float):
            assert type(field.default)(documented[name.upper()]) == field.default, name


def test_examples_in_env_example_can_be_read(monkeypatch: pytest.MonkeyPatch):
    for line in (ROOT / ".env.example").read_text().splitlines():
        if match := re.match(r"#?(JOULEHOUSE_[A-Z0-9_]+)=(.*)$", line):
            monkeypatch.setenv(*match.groups())
    settings = Settings()
    assert settings.zones == {"energy-charts": ("de", "fr"), "eia": ("CISO", "ERCO")}
    assert settings.hub_authors == ("bigscience", "nicholasKluge")


@pytest.mark.parametrize("folder", ["dbt", "tests"])
def test_no_package_file_hides_dbt_core(folder: str):
    assert list((ROOT / folder).rglob("__init__.py")) == []


@pytest.mark.parametrize("name", COMMITTED_TEXT)
def test_no_package_index_is_named(name: str):
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://\S*(pypi|pythonhosted|index)", text), name
    assert "--index-url" not in text.replace("--no-emit-index-url", ""), name


def test_every_locked_package_has_a_hash():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [index for index, line in enumerate(lines) if re.match(r"[a-z0-9].*==", line)]
    assert len(pins) > 100
    for index in pins:
        assert lines[index].endswith("\\"), lines[index]
        assert lines[index + 1].strip().startswith("--hash=sha256:"), lines[index]


def test_pre_commit_hooks_are_local():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
