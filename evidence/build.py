"""Builds the Evidence site from the published warehouse: ``make bi``.

Installs the pinned npm packages with the machine's own npm configuration, links the published
DuckDB file to where ``sources/warehouse/connection.yaml`` looks for it, runs Evidence's two
steps, and says where the site is. Each step has a time limit, after which all that it started is
ended; from the second step on nothing may ask the network.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

SITE_DIR = Path(__file__).resolve().parent
LEAST_NODE = 20
INSTALL_LIMIT_S = 900
SOURCES_LIMIT_S = 300
BUILD_LIMIT_S = 900
# Evidence's types of a column, as it writes them to Parquet.
SQL_TYPES = {"string": "varchar", "number": "double", "boolean": "boolean", "date": "timestamp"}
# A quotation mark that looks like the sign which opens an HTML element.
LESS_THAN_SIGN = "\u2039"
# Evidence asks for consent in evidence.settings.json; the variables say the same to the rest.
OFFLINE = {
    "DO_NOT_TRACK": "1",
    "SEND_ANONYMOUS_USAGE_STATS": "no",
    "NO_UPDATE_NOTIFIER": "1",
    "npm_config_offline": "true",
    "npm_config_yes": "false",
    "npm_config_update_notifier": "false",
}


class BuildError(Exception):
    """A step failed; the message says which, and what to do."""


def build_site(site_dir: Path, warehouse: Path) -> Path:
    """Build the site of ``site_dir`` from a DuckDB file; returns the folder to serve.

    Raises:
        BuildError: Node or npm is missing, or a step failed or took too long.
    """
    check_node()
    install(site_dir)
    link_warehouse(site_dir, warehouse)
    evidence = [_node(), str(site_dir / "node_modules" / "@evidence-dev" / "evidence" / "cli.js")]
    shutil.rmtree(site_dir / ".evidence" / "template", ignore_errors=True)
    shutil.rmtree(site_dir / "build", ignore_errors=True)
    output = run("evidence sources", [*evidence, "sources", "--strict"], site_dir, SOURCES_LIMIT_S)
    _refuse_failed_sources(output)
    data_dir = site_dir / ".evidence" / "template" / "static" / "data"
    fill_empty_sources(data_dir)
    neutralise_markup(data_dir)
    run("evidence build:strict", [*evidence, "build:strict"], site_dir, BUILD_LIMIT_S)
    page = site_dir / "build" / "index.html"
    if not page.exists():
        raise BuildError(f"Evidence said that it had built the site, but {page} is not there.")
    return page.parent


def check_node() -> None:
    """Raises BuildError where Node or npm is missing or too old."""
    if shutil.which("npm") is None:
        raise BuildError("npm is not on PATH. Install Node 20 or newer with its npm.")
    version = subprocess.run([_node(), "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.strip().lstrip("v").split(".")[0]) < LEAST_NODE:
        raise BuildError(f"Node {version.stdout.strip()} is too old; {LEAST_NODE} or newer.")


def install(site_dir: Path) -> None:
    """Install what package-lock.json names, unless just that is installed already."""
    lock = (site_dir / "package-lock.json").read_bytes() + (site_dir / "package.json").read_bytes()
    stamp = site_dir / "node_modules" / ".joulehouse-installed"
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    # `npm ci` of npm 11 calls a lock without download addresses out of step; this heeds the lock
    # and leaves it as it is.
    npm = [shutil.which("npm") or "npm", "install", "--no-save"]
    run("npm install", npm, site_dir, INSTALL_LIMIT_S, offline=False)
    stamp.write_text(wanted)


def link_warehouse(site_dir: Path, warehouse: Path) -> None:
    """Make ``warehouse.duckdb`` of the site a link to the published file, which stays as it is."""
    link = site_dir / "warehouse.duckdb"
    link.unlink(missing_ok=True)
    link.symlink_to(warehouse.resolve(strict=True))


def fill_empty_sources(data_dir: Path) -> None:
    """Give each source without rows a Parquet file with its columns.

    Evidence leaves an empty file, or none, for a query that answers no row, and then no page at
    all can be built: the pages' own queries would have no table to ask.
    """
    manifest_path = data_dir / "manifest.json"
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    for schema_path in sorted(data_dir.glob("*/*/*.schema.json")):
        name = schema_path.name.removesuffix(".schema.json")
        path = schema_path.with_name(f"{name}.parquet")
        if not path.exists() or path.stat().st_size == 0:
            path.unlink(missing_ok=True)
            columns = ", ".join(
                f'null::{SQL_TYPES[column["evidenceType"]]} as "{column["name"]}"'
                for column in json.loads(schema_path.read_text(encoding="utf-8"))
            )
            duckdb.sql(f"select {columns} where false").write_parquet(str(path))
        files = manifest["renderedFiles"].setdefault(path.parts[-3], [])
        url = "/".join(("static", "data", *path.parts[-3:]))
        if not any(file.endswith("/".join(path.parts[-3:])) for file in files):
            files.append(url)
    manifest_path.write_text(json.dumps(manifest), encoding="utf-8")


def neutralise_markup(data_dir: Path) -> None:
    """Replace ``<`` in texts by a sign that looks alike.

    Evidence's tooltips are put together as HTML, and names of models come from strangers.
    """
    for path in sorted(data_dir.glob("*/*/*.parquet")):
        table = duckdb.read_parquet(str(path))
        texts = [n for n, kind in zip(table.columns, table.types, strict=True) if kind == "VARCHAR"]
        if not texts:
            continue
        plain = ", ".join(f"""replace("{n}", '<', '{LESS_THAN_SIGN}') as "{n}\"""" for n in texts)
        cleaned = path.with_suffix(".cleaned")
        table.project(f"* replace ({plain})").write_parquet(str(cleaned))
        cleaned.replace(path)


def run(
    name: str, command: Sequence[str], folder: Path, limit_s: float, *, offline: bool = True
) -> str:
    """Run a step in a process group of its own; returns what it printed.

    Raises:
        BuildError: it failed, or was not done within the limit.
    """
    _say(f"==> {name}")
    began = time.monotonic()
    environment = {**os.environ, **(OFFLINE if offline else {})}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            raise BuildError(
                f"{name} was not done after {limit_s:.0f} s.\n{_tail(output)}"
            ) from None
    if process.returncode != 0:
        raise BuildError(f"{name} failed (exit code {process.returncode}).\n{_tail(output)}")
    _say(f"    {time.monotonic() - began:.0f} s")
    return output


def published_file() -> Path:
    """The DuckDB file of the newest published build.

    Raises:
        BuildError: there is none.
    """
    from warehouse.errors import JoulehouseError
    from warehouse.publishing import current_build
    from warehouse.settings import Settings

    try:
        return current_build(Settings()).path
    except JoulehouseError as error:
        raise BuildError(str(error)) from error


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise BuildError("node is not on PATH. Install Node 20 or newer with its npm.")
    return node


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _tail(output: str, lines: int = 60) -> str:
    return "\n".join(output.splitlines()[-lines:])


def _refuse_failed_sources(output: str) -> None:
    """Evidence ends well even where a source failed, and then builds pages without it."""
    failed = [line.strip() for line in output.splitlines() if "✗" in line or "Error" in line]
    if failed:
        raise BuildError("evidence sources failed:\n" + "\n".join(failed))


def main() -> int:
    """Build the site, print where it is; 1 if it could not be built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warehouse", type=Path, help="a DuckDB file; default: the published one")
    options = parser.parse_args()
    try:
        folder = build_site(SITE_DIR, options.warehouse or published_file())
    except BuildError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    shown = os.path.relpath(folder)
    _say(
        f"The site is in {shown}. To look at it:\n"
        f"    python3 -m http.server 8010 --bind 127.0.0.1 --directory {shown}\n"
        "and open http://127.0.0.1:8010/ (the files do not work by double click)."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
