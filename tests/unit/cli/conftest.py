"""The command line on an empty data folder, and on a small published warehouse with models."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from warehouse.connections import build_connection
from warehouse.publishing import publish
from warehouse.schemas import ensure_schemas
from warehouse.settings import Settings

ML_CONFTEST = Path(__file__).parents[2] / "ml" / "conftest.py"


@dataclass(frozen=True)
class Command:
    """``joulehouse`` on one data folder."""

    data_dir: Path
    folder: Path

    def __call__(
        self, *arguments: str, given: str | bytes = b"", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "flows.cli", *arguments],
            env=os.environ | {"JOULEHOUSE_DATA_DIR": str(self.data_dir)} | variables,
            cwd=self.folder,
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )


@pytest.fixture
def joulehouse(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command on an empty data folder."""
    return Command(tmp_path / "data", tmp_path)


@pytest.fixture(scope="session")
def published_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a published warehouse of synthetic measurements and trained models."""
    spec = importlib.util.spec_from_file_location("ml_conftest", ML_CONFTEST)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ml_conftest"] = module
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("published")
    lab = module.build_lab(folder)
    lab.train()
    settings = Settings(data_dir=folder / "published-data", _env_file=None)
    settings.build_path.parent.mkdir(parents=True)
    shutil.copyfile(lab.path, settings.build_path)
    shutil.copytree(lab.models_dir, settings.models_dir)
    with build_connection(settings) as connection:
        ensure_schemas(connection)
    publish(settings, "000001-20261122T060000Z", published_at=datetime(2026, 11, 22, 6, tzinfo=UTC))
    return settings.data_dir


@pytest.fixture
def on_models(published_models: Path, tmp_path: Path) -> Command:
    """Run the command where models are published."""
    return Command(published_models, tmp_path)
