"""The dashboard in a real browser: drawn, local, shareable, on a phone and in the dark."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from panel_app.shell import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WITH_PLOTS = ("overview", "explore", "grid", "predict")

# Canvases are inside shadow roots: walk them, and look for a pixel that is not background.
DRAWN_CANVASES = """
() => {
  const canvases = []
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.tagName === "CANVAS" && element.width > 60) { canvases.push(element) }
      if (element.shadowRoot) { walk(element.shadowRoot) }
    }
  }
  walk(document)
  return canvases.filter((canvas) => {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
    const colours = new Set()
    for (let i = 0; i < pixels.length; i += 44) {
      colours.add(`${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`)
      if (colours.size > 4) { return true }
    }
    return false
  }).length
}
"""

OVERFLOW = """
() => {
  const found = []
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const is_main = element.classList.contains("main-content")
      if (is_main && element.scrollWidth > element.clientWidth + 1) {
        found.push(`${element.scrollWidth} > ${element.clientWidth}`)
      }
      if (element.shadowRoot) { walk(element.shadowRoot) }
    }
  }
  walk(document)
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth + 1) { found.push("document") }
  return found
}
"""

BACKGROUND = "() => getComputedStyle(document.documentElement).getPropertyValue('--jh-surface')"


def wait_for_plots(page: Page, count: int = 1) -> None:
    page.wait_for_function(f"({DRAWN_CANVASES})() >= {count}", timeout=60_000)


def path_of(page_id: str) -> str:
    return next(page.path for page in PAGES if page.page_id == page_id)


@pytest.mark.parametrize("page_id", [page.page_id for page in PAGES])
def test_a_page_is_drawn_without_complaint_and_asks_nothing_outside(visit, dashboard, page_id):
    visited = visit()
    page = visited.open(dashboard + path_of(page_id))
    if page_id in WITH_PLOTS:
        wait_for_plots(page)
    expect(page.get_by_role("navigation", name="Pages").locator("[aria-current]")).to_have_text(
        next(info.title for info in PAGES if info.page_id == page_id)
    )
    expect(page.get_by_text("could not be shown")).to_have_count(0)
    assert visited.complaints == []
    outside = [url for url in visited.requests if not url.startswith((dashboard, "data:", "blob:"))]
    assert outside == []


def test_a_phone_never_scrolls_sideways(visit, dashboard):
    page = visit(viewport={"width": 390, "height": 844}).open(dashboard)
    for info in PAGES:
        page.get_by_role("link", name=info.title, exact=True).click()
        expect(page).to_have_url(dashboard + info.path)
        if info.page_id in WITH_PLOTS:
            wait_for_plots(page)
        page.wait_for_function(f"({OVERFLOW})().length === 0", timeout=20_000)


def test_the_navigation_turns_pages_and_the_address_follows(visit, dashboard):
    page = visit().open(dashboard)
    page.get_by_role("link", name="Grid").click()
    expect(page.get_by_role("heading", name="Grid", level=1)).to_be_visible()
    expect(page).to_have_url(dashboard + "/grid")
    expect(page).to_have_title("Grid · Joulehouse")
    page.go_back()
    expect(page.get_by_role("heading", name="Energy and carbon of AI")).to_be_visible(
        timeout=30_000
    )
    expect(page).to_have_url(dashboard + "/")


def test_the_navigation_works_by_keyboard(visit, dashboard):
    page = visit().open(dashboard)
    page.get_by_role("link", name="About").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="About", level=1)).to_be_visible()


def test_a_shared_address_shows_the_same_view(visit, dashboard):
    first = visit().open(dashboard + "/explore?task=inference&family=Moss")
    expect(first.get_by_text("6 rows.").first).to_be_visible(timeout=30_000)
    expect(first.get_by_role("button", name="Inference", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    first.get_by_role("button", name="Training", exact=True).click()
    expect(first).to_have_url(dashboard + "/explore")
    expect(first.get_by_text("Moss 8x7B").first).to_be_visible()


def test_a_prediction_answers_with_an_interval_and_follows_the_form(visit, dashboard):
    page = visit().open(dashboard + "/predict")
    answer = page.locator(".result .number").first
    expect(answer).to_contain_text("Wh", timeout=60_000)
    expect(page.locator(".result .range").first).to_contain_text(" to ")
    before = answer.inner_text()
    tokens = page.get_by_label("Training tokens")
    tokens.fill("10T")
    tokens.press("Enter")
    expect(answer).not_to_have_text(before, timeout=30_000)
    expect(page).to_have_url(dashboard + "/predict?tokens=10T")
    wait_for_plots(page)


def test_dark_mode_turns_page_and_plots(visit, dashboard):
    page = visit().open(dashboard)
    wait_for_plots(page)
    assert page.evaluate(BACKGROUND).strip().upper() == "#FFFFFF"
    page.get_by_role("button", name="Toggle theme").click()
    page.wait_for_function(f"({BACKGROUND})().trim().toUpperCase() === '#171E26'")
    page.wait_for_function(
        "[...Bokeh.documents[0].all_models].filter((model) => model.type === 'Figure')"
        ".every((figure) => figure.background_fill_color.toUpperCase() === '#171E26')"
    )
    page.reload()
    page.wait_for_function(f"({BACKGROUND})().trim().toUpperCase() === '#171E26'", timeout=30_000)


def test_a_reader_who_prefers_dark_gets_it(visit, dashboard):
    page = visit(color_scheme="dark").open(dashboard + "/about")
    page.wait_for_function(f"({BACKGROUND})().trim().toUpperCase() === '#171E26'", timeout=30_000)


def test_a_plots_data_are_taken_along_as_csv(visit, dashboard, tmp_path: Path):
    page = visit().open(dashboard + "/health")
    buttons = page.get_by_role("button", name="CSV")
    with page.expect_download(timeout=30_000) as downloading:
        buttons.last.click()
    downloaded = downloading.value
    assert downloaded.suggested_filename == "joulehouse_quarantine.csv"
    target = tmp_path / "quarantine.csv"
    downloaded.save_as(target)
    [row] = csv.DictReader(target.read_text(encoding="utf-8").splitlines())
    # The offending value is a formula in the example; in a spreadsheet it must stay text.
    assert row["offending_value"] == "'=cmd|calc"


def test_a_table_is_sorted_by_its_head(visit, dashboard):
    page = visit().open(dashboard + "/explore")
    head = page.get_by_role("columnheader", name="Energy")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.locator("tbody tr").first).to_contain_text("Reed 400B")


def test_a_new_build_appears_without_a_restart(
    visit, serve_dashboard, copied_settings, publish_again
):
    page = visit().open(serve_dashboard(copied_settings) + "/health")
    expect(page.get_by_text("Build 000001-20261101T060000Z")).to_be_visible()
    build_id = publish_again(copied_settings)
    expect(page.get_by_text(f"Build {build_id}")).to_be_visible(timeout=20_000)


def test_an_empty_data_directory_is_explained_until_the_first_build(
    visit, serve_dashboard, tmp_path
):
    from warehouse.settings import Settings

    settings = Settings(data_dir=tmp_path / "empty", _env_file=None)
    page = visit().open(serve_dashboard(settings))
    expect(page.get_by_text("joulehouse refresh")).to_be_visible()
