"""prefect.yaml: the deployments for a work pool, written from those that ``serve`` knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import yaml
from prefect import __version__

from flows.schedules import Rhythm
from warehouse.files import write_atomically

_HEAD = """\
# The deployments of flows/serve.py for a work pool, once one machine is not enough:
#
#     prefect work-pool create joulehouse --type process
#     prefect --no-prompt deploy --all
#     prefect worker start --pool joulehouse
#
# `joulehouse up` needs none of this. Written by `python -m flows.serve --write-yaml`; a test holds
# the two together. Intervals are seconds. A source without its key is skipped by its run.
name: joulehouse
prefect-version: {version}

definitions:
  work_pool: &work_pool
    name: joulehouse

deployments:
"""
_WORK_POOL = "    work_pool: *work_pool\n"


class _Deployment(Protocol):
    @property
    def entrypoint(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, Any]: ...
    @property
    def rhythm(self) -> Rhythm | None: ...


def write_yaml(deployments: Iterable[_Deployment], path: Path) -> None:
    """Replace the file."""
    write_atomically(path, yaml_text(deployments).encode())


def yaml_text(deployments: Iterable[_Deployment]) -> str:
    """The file as text."""
    return _HEAD.format(version=__version__) + "\n".join(map(_entry, deployments))


def _entry(deployment: _Deployment) -> str:
    document: dict[str, Any] = {
        "name": deployment.name,
        "entrypoint": deployment.entrypoint,
        "description": deployment.description,
        "parameters": dict(deployment.parameters),
    }
    if deployment.rhythm is not None:
        document["schedules"] = [
            {
                "interval": deployment.rhythm.every // timedelta(seconds=1),
                "anchor_date": deployment.rhythm.anchor.isoformat(),
                "timezone": "UTC",
            }
        ]
    text = yaml.safe_dump([document], sort_keys=False, width=100, allow_unicode=True)
    return "".join(f"  {line}\n" for line in text.splitlines()) + _WORK_POOL
