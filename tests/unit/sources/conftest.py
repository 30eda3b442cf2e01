"""Small archives in the providers' shapes, built in memory."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping

import pytest

WheelMaker = Callable[[Mapping[str, object]], bytes]


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
