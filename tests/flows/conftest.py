"""A workspace with a small dbt project and two small sources, for real Prefect, DuckDB and dbt."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from flows.sources.registry import SOURCES
from warehouse.read import PublishedWarehouse
from warehouse.settings import Settings, get_settings

HERE = Path(__file__).parent
REAL_DBT = HERE.parents[1] / "dbt"
COMMAND = HERE / "tiny_joulehouse.py"
DEADLINE_S = 90.0
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """Look again and again until a condition holds; fail at the deadline."""

    def look(condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> Any:
        end = time.monotonic() + deadline_s
        while True:
            found = condition()
            if found:
                return found
            if time.monotonic() > end:
                pytest.fail(f"{what} did not happen within {deadline_s:.0f} s")
            time.sleep(0.02)

    return look


@dataclass(frozen=True)
class Workspace:
    """Folders of one test, and the command run on them."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "data", project_dir=self.folder / "project")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "JOULEHOUSE_DATA_DIR": str(self.folder / "data"),
            "JOULEHOUSE_PROJECT_DIR": str(self.folder / "project"),
            "TINY_INBOX": str(self.folder / "tiny"),
            "TINY_OTHER_INBOX": str(self.folder / "other"),
        }

    @property
    def warehouse(self) -> PublishedWarehouse:
        return PublishedWarehouse.open(self.settings)

    def put(self, source_id: str, name: str, text: str = "") -> Path:
        """A file that the provider gives from now on."""
        path = self.folder / source_id / name
        path.write_text(text)
        return path

    def take_away(self, source_id: str, name: str) -> None:
        """A file that the provider gives no longer."""
        (self.folder / source_id / name).unlink()

    def names(self) -> list[str]:
        """What the published warehouse holds."""
        return self.warehouse.query("select name from tiny_mart order by name")["name"].to_list()

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start the command; its output can be read while it runs."""
        return subprocess.Popen(
            [sys.executable, "-P", str(COMMAND), *arguments],
            env=os.environ | self.environment | variables,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            [sys.executable, "-P", str(COMMAND), *arguments],
            env=os.environ | self.environment | variables,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        """What ``joulehouse status --json`` says."""
        done = self.run("status", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def new_workspace(folder: Path) -> Workspace:
    """A workspace in which nothing was refreshed yet."""
    made = Workspace(folder)
    project = folder / "project"
    shutil.copytree(HERE / "tiny_project", project)
    shutil.copyfile(REAL_DBT / "profiles.yml", project / "dbt" / "profiles.yml")
    shutil.copytree(REAL_DBT / "macros", project / "dbt" / "macros")
    for source_id in ("tiny", "other"):
        (folder / source_id).mkdir()
    made.put("tiny", "first.csv", "name,quantity\nalpha,1\nbeta,2\n")
    made.put("other", "first.csv", "name,quantity\ngamma,3\n")
    return made


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """The module that declares the small sources."""
    spec = importlib.util.spec_from_file_location("tiny_joulehouse", COMMAND)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _module_beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def live() -> ModuleType:
    """The module that runs the command with the grid sources."""
    return _module_beside("live_joulehouse")


@pytest.fixture(scope="session")
def live_truth() -> ModuleType:
    """The module that says what the local providers say."""
    return _module_beside("live_truth")


@contextmanager
def in_this_process(workspace: Workspace, tiny: ModuleType) -> Iterator[Workspace]:
    """Let flows that run in this process work on the workspace."""
    registered = dict(SOURCES)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in workspace.environment.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        SOURCES.clear()
        SOURCES.update(tiny.TINY)
        try:
            yield workspace
        finally:
            SOURCES.clear()
            SOURCES.update(registered)
            get_settings.cache_clear()


@pytest.fixture(scope="session")
def refreshed_once(
    tmp_path_factory: pytest.TempPathFactory, tiny: ModuleType, prefect_server: str
) -> Workspace:
    """A workspace after its first refresh. Only look: :func:`here` gives a copy to work on."""
    from flows.refresh import refresh

    workspace = new_workspace(tmp_path_factory.mktemp("refreshed"))
    with in_this_process(workspace, tiny):
        refresh(as_of=NOON, may_train=False)
    return workspace


@pytest.fixture
def here(refreshed_once: Workspace, tiny: ModuleType, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the refreshed workspace, for flows that run in this process."""
    shutil.copytree(refreshed_once.folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    with in_this_process(Workspace(tmp_path), tiny) as workspace:
        yield workspace


@pytest.fixture
def copied(refreshed_once: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the refreshed workspace, for commands in processes of their own."""
    shutil.copytree(refreshed_once.folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Workspace(tmp_path)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace in which nothing was refreshed yet."""
    return new_workspace(tmp_path)
