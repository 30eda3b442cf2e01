"""Small archives in the providers' shapes, and contexts that ask the local providers."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.sources.context import FetchContext
from flows.sources.protocol import Source
from warehouse.landing import Landing
from warehouse.run import Run
from warehouse.settings import Settings

WheelMaker = Callable[[Mapping[str, object]], bytes]
ContextMaker = Callable[..., FetchContext]


@pytest.fixture
def make_wheel() -> WheelMaker:
    """A zip archive from member names to bytes, text, or what is to be written as JSON."""

    def make(members: Mapping[str, object]) -> bytes:
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                data = content if isinstance(content, str | bytes) else json.dumps(content)
                archive.writestr(name, data)
        return body.getvalue()

    return make


@pytest.fixture
def ask_provider(
    tmp_path: Path, provider_server: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ContextMaker]:
    """Contexts of a source whose provider is the local one, at an instant of its clock."""
    made: list[FetchContext] = []

    def context(
        source: Source, as_of: datetime, settings: Mapping[str, Any] | None = None, **changes: Any
    ) -> FetchContext:
        for name, value in provider_server.environment([source.source_id]).items():
            monkeypatch.setenv(name, value)
        provider_server.world.now = as_of
        chosen = Settings(
            **{
                "data_dir": tmp_path,
                "project_dir": tmp_path,
                "http_retries": 2,
                "http_backoff_s": 0.001,
                "http_timeout_s": 5,
                **(settings or {}),
            }
        )
        # The local provider bears any number of requests, and its pace has tests of its own.
        hasty = replace(source, limits=replace(source.limits, requests=1000))
        made.append(FetchContext(chosen, Landing(chosen), Run.start(as_of), hasty, **changes))
        return made[-1]

    yield context
    for each in made:
        each.close()
