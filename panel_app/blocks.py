"""The pieces that pages are made of: cards, tiles, banners, legends, empty states, downloads.

Text from the warehouse is escaped here; nothing else turns data into HTML.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

import panel as pn
import panel_material_ui as pmui
import polars as pl
from panel.viewable import Viewable

from panel_app.charts.canvas import Figure
from panel_app.csv_text import to_csv
from panel_app.theme import blocks_css

CARD_CSS = """
:host {
  background: var(--jh-surface); border: 1px solid var(--jh-line); border-radius: 14px;
  padding: 18px 20px 14px; box-sizing: border-box; min-width: 0; height: auto;
}
@media (max-width: 760px) { :host { padding: 14px 14px 10px; } }
"""
GRID_CSS = """
:host {{
  display: grid !important; gap: 16px; align-items: stretch; min-width: 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, {minimum}px), 1fr));
}}
"""
STICKY_CSS = """
@media (min-width: 1001px) {
  :host {
    position: sticky; top: 16px; align-self: start; overflow-y: auto;
    max-height: calc(100vh - 100px) !important;
  }
}
"""
# A column keeps the height of what is in it. Panel's button to scroll to its end is an item of
# every column and would be an empty row with a gap.
_STACK_CSS = """
:host {{
  gap: {gap_px}px; min-width: 0; flex-shrink: 0 !important; max-height: none !important;
}}
.scroll-button {{ display: none; }}
"""
GHOST_BUTTON = {
    "minWidth": 0,
    "padding": "2px 10px",
    "fontSize": "13px",
    "fontWeight": 400,
    "color": "text.secondary",
    "borderColor": "divider",
    "whiteSpace": "nowrap",
    "&:hover": {"color": "text.primary", "borderColor": "text.secondary", "background": "none"},
}


@dataclass(frozen=True)
class Download:
    """A frame that the reader may take along, and the name of its file."""

    file_name: str
    frame: Callable[[], pl.DataFrame]
    label: str = "CSV"


@dataclass(frozen=True)
class Tile:
    """A headline number: what it counts, the number, and what qualifies it."""

    label: str
    number: str
    note: str


def text(value: object) -> str:
    """Any value as escaped text."""
    return escape(str(value))


def link(label: str, url: str | None) -> str:
    """A link that opens beside the app; plain text when there is no web address."""
    if not url or not url.startswith(("https://", "http://")):
        return escape(label)
    return f'<a href="{escape(url)}" target="_blank" rel="noreferrer">{escape(label)}</a>'


def html(markup: str, **params: object) -> pn.pane.HTML:
    """Markup in the house's type and colours."""
    options: dict[str, object] = {"sizing_mode": "stretch_width", "margin": 0, **params}
    return pn.pane.HTML(markup, stylesheets=[blocks_css()], **options)


def heading(title: str, lead: str, pills: Sequence[str] = ()) -> pn.pane.HTML:
    """The head of a page: what it is, one sentence, and what qualifies all of it."""
    row = f'<div class="pills">{"".join(pills)}</div>' if pills else ""
    return html(f'<h1>{title}</h1><p class="lead">{lead}</p>{row}', margin=(0, 0, 4, 0))


def pill(label: str, tone: str = "") -> str:
    """A short remark in a rounded box; ``tone`` is ``good``, ``warn`` or ``bad``."""
    return f'<span class="pill {tone}">{label}</span>'


def tiles(items: Iterable[Tile]) -> pn.pane.HTML:
    """Headline numbers side by side."""
    body = "".join(
        f'<div class="tile"><div class="label">{text(item.label)}</div>'
        f'<div class="number">{text(item.number)}</div><div class="note">{item.note}</div></div>'
        for item in items
    )
    return html(f'<div class="tiles">{body}</div>')


def banner(markup: str, tone: str = "") -> pn.pane.HTML:
    """A sentence that must be read before the numbers below it."""
    role = "alert" if tone == "bad" else "note"
    return html(f'<div class="banner {tone}" role="{role}">{markup}</div>')


def empty(title: str, reason: str, command: str = "") -> pn.pane.HTML:
    """Why there is nothing to show, and what to do."""
    what = f"<pre><code>{text(command)}</code></pre>" if command else ""
    return html(
        f'<div class="empty"><h3>{text(title)}</h3><p class="muted">{text(reason)}</p>{what}</div>'
    )


def card(
    title: str,
    body: Viewable | Sequence[Viewable],
    *,
    subtitle: str = "",
    source: str = "",
    legend: str = "",
    download: Download | None = None,
    level: int = 2,
) -> pn.Column:
    """A titled box; ``source`` (markup) says where its numbers come from and how old they are."""
    head = f'<h{level} style="font-size:17px">{title}</h{level}>'
    if subtitle:
        head += f'<p class="muted small" style="margin-top:3px">{subtitle}</p>'
    if legend:
        head += f'<div style="margin-top:10px">{legend}</div>'
    title_block: Viewable = html(head)
    if download is not None:
        title_block = pn.Row(
            html(head, styles={"flex": "1 1 0", "min-width": "0"}),
            download_button(download),
            sizing_mode="stretch_width",
            styles={"gap": "12px", "align-items": "flex-start"},
            margin=0,
        )
    parts: list[Viewable] = [title_block]
    parts.extend([body] if isinstance(body, Viewable) else body)
    if source:
        parts.append(html(f'<p class="muted small">{source}</p>'))
    return stack(*parts, gap_px=10, css=CARD_CSS)


def grid(*items: Viewable, minimum: int = 420) -> pn.Column:
    """Boxes side by side where there is room, below each other where there is not."""
    return stack(*items, css=GRID_CSS.format(minimum=minimum))


def stack(
    *items: Viewable, gap_px: int = 16, css: str = "", css_classes: Sequence[str] = ()
) -> pn.Column:
    """Items below each other with even gaps; ``css`` may lay them out otherwise."""
    return pn.Column(
        *items,
        stylesheets=[_STACK_CSS.format(gap_px=gap_px), css],
        css_classes=[name for name in css_classes if name],
        sizing_mode="stretch_width",
        margin=0,
    )


def plot(figure: Figure, description: str) -> pn.Column:
    """A figure with a description for those who do not see it."""
    pane = pn.pane.Bokeh(figure, sizing_mode="stretch_width", margin=0)
    spoken = html(
        f'<p style="position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)">'
        f"{text(description)}</p>",
        height=0,
    )
    return stack(spoken, pane, gap_px=0, css_classes=["plot"])


def download_button(download: Download) -> pmui.FileDownload:
    """A button that fetches the frame as CSV when it is pressed."""
    button = pmui.FileDownload(
        callback=lambda: io.BytesIO(to_csv(download.frame())),
        filename=download.file_name,
        label=download.label,
        icon="download",
        size="small",
        description=f"Download {download.file_name}",
        sx=GHOST_BUTTON,
        width=None,
        margin=0,
    )
    # Given at once, these two warn that they contradict their own older names.
    button.param.update(variant="outlined")
    button.param.update(color="default")
    return button


def legend(items: Iterable[tuple[str, str, str, bool]]) -> str:
    """Marks and their meaning: ``(label, colour, marker, is_filled)`` each."""
    marks = "".join(
        f"<li>{marker_svg(marker, colour, is_filled=is_filled)}{text(label)}</li>"
        for label, colour, marker, is_filled in items
    )
    return f'<ul class="legend">{marks}</ul>'


def marker_svg(marker: str, colour: str, *, is_filled: bool) -> str:
    """A plot's marker as a small drawing."""
    shapes = {
        "circle": '<circle cx="8" cy="8" r="5.5"/>',
        "square": '<rect x="3" y="3" width="10" height="10"/>',
        "triangle": '<path d="M8 2.5 14 13H2z"/>',
        "diamond": '<path d="M8 1.5 14.5 8 8 14.5 1.5 8z"/>',
        "inverted_triangle": '<path d="M8 13.5 14 3H2z"/>',
        "hex": '<path d="M8 1.8 13.6 5v6L8 14.2 2.4 11V5z"/>',
        "line": '<path d="M0 8h16"/>',
        "dash": '<path d="M0 8h6M10 8h6"/>',
        "dot": '<path d="M1 8h2M7 8h2M13 8h2"/>',
    }
    fill = colour if is_filled else "none"
    return (
        f'<svg viewBox="0 0 16 16" aria-hidden="true" fill="{fill}" stroke="{colour}" '
        f'stroke-width="2" stroke-linejoin="round">{shapes.get(marker, shapes["circle"])}</svg>'
    )
