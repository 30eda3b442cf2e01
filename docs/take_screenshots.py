"""Take the pictures of the README from a running dashboard.

Start it (``joulehouse up``, or ``python -m panel_app``), then run
``python docs/take_screenshots.py --address http://127.0.0.1:5006``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

IMAGES_DIR = Path(__file__).parent / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Plots are canvases inside shadow roots; the page is ready when the first is drawn.
_FIRST_PLOT = """
() => {
  const walk = (root) => [...root.querySelectorAll("*")].some((element) =>
    (element.tagName === "CANVAS" && element.width > 60) ||
    (element.shadowRoot && walk(element.shadowRoot)))
  return window.Bokeh?.documents?.[0]?.is_idle && walk(document)
}
"""


@dataclass(frozen=True)
class Picture:
    """One picture: its file, the path it shows, the window and the theme."""

    name: str
    path: str
    width: int = 1440
    height: int = 900
    theme: str = "light"


PICTURES = (
    Picture("overview", "/", height=980),
    Picture("explore", "/explore"),
    Picture("grid", "/grid"),
    Picture("predict", "/predict", height=980),
    Picture("predict-dark", "/predict?task=inference", height=980, theme="dark"),
    Picture("overview-narrow", "/", width=390, height=844),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write every picture to ``docs/images`` (or ``--to``)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:5006")
    parser.add_argument("--to", type=Path, default=IMAGES_DIR)
    options = parser.parse_args(arguments)
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        sys.exit(f"No browser on PATH; looked for {', '.join(BROWSERS)}.")
    options.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        for picture in PICTURES:
            take(browser, picture, options.address.rstrip("/"), options.to)
        browser.close()


def take(browser: Browser, picture: Picture, address: str, folder: Path) -> Path:
    """Take one picture; returns the file that was written."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address + picture.path)
    page.wait_for_function(_FIRST_PLOT, timeout=60_000)
    # Themes and fonts settle after the first drawing.
    page.wait_for_timeout(2_500)
    target = folder / f"{picture.name}.png"
    page.screenshot(path=target)
    context.close()
    return target


if __name__ == "__main__":
    main()
