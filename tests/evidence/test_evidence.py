"""The Evidence site: its SQL in DuckDB alone, and the built site in a browser."""

from __future__ import annotations

import json
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, sync_playwright

SITE_DIR = Path(__file__).parents[2] / "evidence"
EXPECTED_PAGES = {
    *("index", "training", "inference", "hardware", "grid", "accounting", "methods"),
    "data_quality",
}
MART = re.compile(r"(dim|fct|rpt|meta)_\w+")
COLUMN_PROPS = ("x", "y", "series", "value", "tooltipTitle")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NO_REGISTRY = ("ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT", "ENETUNREACH", "ENOTCACHED")
# Pixels of a colour, not grey: bars, lines and points, but no axis and no label.
COLOURED_PIXELS = """canvas => {
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let count = 0;
    for (let i = 0; i < pixels.length; i += 4) {
        const [r, g, b, a] = pixels.slice(i, i + 4);
        if (a > 100 && Math.max(r, g, b) - Math.min(r, g, b) > 60) count += 1;
    }
    return count;
}"""


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return len(connection.execute(sql).fetchall())


def test_the_pages_that_were_promised_are_there(all_pages: list[Any]) -> None:
    assert {page.name for page in all_pages} == EXPECTED_PAGES
    for page in all_pages:
        assert page.text.startswith("---\ntitle: ")
        assert page.charts
        assert page.queries


def test_nothing_is_asked_of_the_network_and_no_registry_is_named() -> None:
    settings = json.loads((SITE_DIR / "evidence.settings.json").read_text(encoding="utf-8"))
    assert settings["send_anonymous_usage_stats"] == "no"
    kept = [*SITE_DIR.glob("*.*"), *SITE_DIR.glob("pages/*"), *SITE_DIR.glob("sources/*/*")]
    for path in [p for p in kept if p.is_file() and p.suffix != ".duckdb"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!127\.0\.0\.1|%)", text), path


def test_every_package_is_pinned() -> None:
    package = json.loads((SITE_DIR / "package.json").read_text(encoding="utf-8"))
    for name, version in package["dependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
    lock = json.loads((SITE_DIR / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert lock[""]["dependencies"] == package["dependencies"]
    for name, version in package["dependencies"].items():
        assert lock[f"node_modules/{name}"]["version"] == version
    assert not any("resolved" in entry for entry in lock.values())


def test_an_empty_component_says_why(page: Any) -> None:
    for component in page.components:
        if component.kind == "Column":
            continue
        assert component.query in page.queries, component
        assert component.props["emptySet"] == "pass", component
        if component.kind != "BigValue":
            assert component.props["emptyMessage"].endswith("."), component
    for chart in page.charts:
        assert chart.props["title"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_source_is_one_bounded_select_over_marts(
    source_file: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    sql = source_file.read_text(encoding="utf-8")
    (statement,) = duckdb.extract_statements(sql)
    assert statement.type == duckdb.StatementType.SELECT
    named = {name.removeprefix("main.") for name in warehouse.get_table_names(sql)}
    assert named
    assert all(MART.fullmatch(name) for name in named), named
    limit = re.search(r"^limit (\d+)\s*$", sql, re.MULTILINE)
    assert limit is not None
    assert int(limit[1]) <= 20_000
    assert _rows(warehouse, sql) <= int(limit[1])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_queries_and_columns_of_a_page_exist(
    page: Any, evidence_tables: duckdb.DuckDBPyConnection
) -> None:
    columns = {
        name: {column[0] for column in evidence_tables.execute(sql).description}
        for name, sql in page.queries.items()
    }
    shown: set[str] = set()
    for component in page.components:
        if component.kind == "Column":
            assert component.props["id"] in shown, component
            continue
        shown = columns[component.query]
        for prop in COLUMN_PROPS:
            if prop in component.props:
                assert component.props[prop] in shown, (component, prop)


def test_a_source_without_rows_becomes_a_table_with_its_columns(
    build_script: ModuleType, tmp_path: Path
) -> None:
    folder = tmp_path / "warehouse" / "uses"
    folder.mkdir(parents=True)
    columns = [
        {"name": "model", "evidenceType": "string"},
        {"name": "energy_kwh", "evidenceType": "number"},
        {"name": "month", "evidenceType": "date"},
    ]
    (folder / "uses.schema.json").write_text(json.dumps(columns))
    (folder / "uses.parquet").touch()
    (tmp_path / "manifest.json").write_text('{"renderedFiles": {"warehouse": []}}')

    build_script.fill_empty_sources(tmp_path)

    table = duckdb.sql(f"select * from '{folder / 'uses.parquet'}'")
    assert dict(zip(table.columns, map(str, table.types), strict=True)) == {
        "model": "VARCHAR",
        "energy_kwh": "DOUBLE",
        "month": "TIMESTAMP",
    }
    assert table.fetchall() == []
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["renderedFiles"]["warehouse"] == ["static/data/warehouse/uses/uses.parquet"]


def test_a_name_from_a_stranger_is_no_markup(build_script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "warehouse" / "runs" / "runs.parquet"
    path.parent.mkdir(parents=True)
    hostile = "select '<img src=x onerror=alert(1)>' as model_name, 2.5::double as energy_mwh"
    duckdb.sql(hostile).write_parquet(str(path))

    build_script.neutralise_markup(tmp_path)

    row = duckdb.sql(f"select model_name, energy_mwh from '{path}'").fetchone()
    assert row == ("\u2039img src=x onerror=alert(1)>", 2.5)


def test_a_step_that_hangs_is_ended_and_says_so(build_script: ModuleType, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('begun', flush=True); import time; time.sleep(60)"]
    with pytest.raises(build_script.BuildError, match=r"hanging was not done after 2 s\.\nbegun"):
        build_script.run("hanging", command, tmp_path, 2)


@pytest.fixture(scope="module")
def built_site(
    build_script: ModuleType, warehouse_file: Path, request: pytest.FixtureRequest
) -> Path:
    """The site built from the small warehouse, in the cache folder: its packages stay there."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on PATH")
    if not any(shutil.which(name) for name in BROWSERS):
        pytest.skip("no Chromium on PATH")
    folder = Path(str(request.config.cache.mkdir("evidence-site"))).resolve()
    shutil.rmtree(folder / "pages", ignore_errors=True)
    shutil.rmtree(folder / "sources", ignore_errors=True)
    left = shutil.ignore_patterns("node_modules", ".evidence", "build", "warehouse.duckdb")
    shutil.copytree(SITE_DIR, folder, dirs_exist_ok=True, ignore=left)
    try:
        built: Path = build_script.build_site(folder, warehouse_file)
    except build_script.BuildError as error:
        if "npm install" in str(error) and any(code in str(error) for code in NO_REGISTRY):
            pytest.skip("npm has no registry here")
        raise
    return built


@pytest.fixture(scope="module")
def address(built_site: Path) -> Iterator[str]:
    """The site, served on the loopback address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Requests are the test's own; nobody reads them."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built_site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(found for name in BROWSERS if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)
def test_a_page_draws_its_charts_and_asks_nobody_else(
    page: Any, address: str, browser: Browser, evidence_tables: duckdb.DuckDBPyConnection
) -> None:
    tab = browser.new_page(viewport={"width": 1400, "height": 1000})
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    tab.goto(address + page.url_path)
    tab.wait_for_load_state("networkidle")

    drawn = [c for c in page.charts if _rows(evidence_tables, page.queries[c.query]) > 0]
    for chart in [c for c in page.charts if c not in drawn]:
        tab.get_by_text(chart.props["emptyMessage"], exact=True).first.wait_for()
    tab.wait_for_function("n => document.querySelectorAll('canvas').length >= n", arg=len(drawn))
    tab.wait_for_timeout(1500)  # the marks grow for a second
    marks = [canvas.evaluate(COLOURED_PIXELS) for canvas in tab.locator("canvas").all()]
    assert len(marks) == len(drawn)
    assert all(count > 20 for count in marks), marks

    assert tab.locator(".bg-negative\\/10").count() == 0, "an error box is shown"
    for name, sql in page.queries.items():
        assert tab.get_by_role("button", name="show-sql").filter(has_text=name).count() > 0
        first_line = sql.strip().splitlines()[0].split()[0]
        assert first_line in tab.inner_text("body")
    assert complaints == []
    outside = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert outside == []
    width = tab.evaluate("document.documentElement.scrollWidth")
    assert width <= 1400
    tab.close()
