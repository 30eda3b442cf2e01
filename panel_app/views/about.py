"""About: where the figures come from, what they assume, and what they must not be used for."""

from __future__ import annotations

from typing import Any

import panel as pn
import polars as pl
from panel.viewable import Viewable

from panel_app import blocks, controls
from panel_app import format as fmt
from panel_app.boundary import guarded
from panel_app.charts.labels import LABELS
from panel_app.context import Context
from panel_app.queries import about as queries
from panel_app.sources import vintage_pills
from panel_app.tables import TableColumn, table

_ASSUMPTIONS = (
    (
        "Nothing is filled in silently",
        "A value that a source does not give stays unknown. Where something is estimated, the row "
        "says so and how.",
    ),
    (
        "How a figure was made stays with it",
        "Metered, counted by the hardware and disclosed with a measured power count as measured. "
        "Declared figures and hours × rated power do not, and never enter an accuracy figure.",
    ),
    (
        "Boundaries differ",
        "An accelerator’s figure leaves out its host; a server’s leaves out cooling; a facility’s "
        "has it all. Figures of different boundaries are not averaged together.",
    ),
    (
        "Intensity is an average",
        "Grid figures are averages over a zone’s own generation, lifecycle or direct. They say "
        "what was emitted on average, not what one more kilowatt-hour would cause, and do not "
        "count imports.",
    ),
    (
        "Hours are old, years are recent",
        "The hourly archive ends in 2020. Predictions use yearly averages of the newest year that "
        "a source holds.",
    ),
    (
        "Formulas exist once",
        "Every formula is a function of the warehouse, with its reference; this page, the models "
        "and an analyst’s query call the same one.",
    ),
)
_NOT_FOR = (
    "A corporate inventory or an offset purchase: those need metered energy and a market-based "
    "account beside this location-based one.",
    "Ranking vendors or models: measurements differ in hardware, load and boundary, and most "
    "training figures come from the makers themselves.",
    "Deciding when to run a job today: the hourly data are years old.",
    "Claims about a single request: an average over a busy server says little about one answer.",
    "Legal or regulatory disclosure without reading the sources that each figure links to.",
)


def render(context: Context) -> Viewable:
    """The page."""
    return blocks.stack(
        guarded(
            "The head of the page",
            lambda: blocks.heading(
                "About",
                "Joulehouse collects what is known of the energy and carbon of AI, says how each "
                "figure was made, and predicts what was never measured, with an interval.",
                vintage_pills(context),
            ),
        ),
        blocks.grid(_assumptions(), _not_for()),
        _label_kinds(),
        guarded("The sources", lambda: _sources(context)),
        guarded("The dictionary", lambda: _Dictionary(context).layout),
        guarded("The formulas", lambda: _functions(context)),
    )


def _assumptions() -> Viewable:
    facts = "".join(
        f"<div><dt>{term}</dt><dd>{meaning}</dd></div>" for term, meaning in _ASSUMPTIONS
    )
    return blocks.card(
        "What the figures assume",
        blocks.html(f'<dl class="facts" style="grid-template-columns:1fr">{facts}</dl>'),
    )


def _not_for() -> Viewable:
    items = "".join(f"<li>{item}</li>" for item in _NOT_FOR)
    return blocks.card(
        "What they must not be used for", blocks.html(f'<div class="prose"><ul>{items}</ul></div>')
    )


def _label_kinds() -> Viewable:
    rows = "".join(
        f"<div><dt>{blocks.marker_svg(look.marker, look.colour, is_filled=look.is_truth)} "
        f"{look.title}</dt><dd>{look.meaning}; "
        f"{'counts as measured' if look.is_truth else 'does not count as measured'}</dd></div>"
        for look in LABELS.values()
    )
    return blocks.card(
        "How a figure was made",
        blocks.html(f'<dl class="facts labels">{rows}</dl>'),
        subtitle="The marks are the same on every page: filled for measured, hollow for the rest.",
    )


def _sources(context: Context) -> Viewable:
    frame = queries.sources(context.data)
    if not frame.height:
        return blocks.card("Sources", blocks.empty("No source is registered", "Run a refresh."))
    articles = "".join(_source(row) for row in frame.iter_rows(named=True))
    return blocks.card(
        "Sources, licences and citations",
        blocks.html(f'<div class="sources">{articles}</div>'),
        subtitle="Cite the source of what you use, and this warehouse’s build with it.",
        download=blocks.Download("joulehouse_citations.csv", lambda: frame),
    )


def _source(row: dict[str, Any]) -> str:
    publisher = blocks.text(row["publisher"] or "")
    return (
        f"<article><h3>{blocks.link(row['title'], row['homepage_url'])}</h3>"
        f'<p class="small muted">{publisher} · {fmt.count(row["row_count"])} rows</p>'
        f'<p class="small">{blocks.text(row["description"] or "")}</p>'
        f'<p class="small">{blocks.link("Licence", row["licence_url"])}: '
        f"{blocks.text(row['licence'] or fmt.UNKNOWN)}</p>"
        f'<p class="small muted">Cite as: {blocks.text(row["citation"] or fmt.UNKNOWN)}</p>'
        "</article>"
    )


class _Dictionary:
    """The searchable dictionary of columns."""

    def __init__(self, context: Context) -> None:
        self.state = context.state.about
        self.frame = queries.columns(context.data)
        self.found = blocks.stack()
        tables = {"all tables": "", **{name: name for name in self._table_names()}}
        self.layout = blocks.card(
            "Every column, with its unit",
            [
                pn.Row(
                    controls.line_of_text(
                        self.state, "search", "Search", "such as: energy kWh, or carbon intensity"
                    ),
                    controls.one_of(self.state, "table", tables, "Table"),
                    sizing_mode="stretch_width",
                    styles={"gap": "12px"},
                    margin=0,
                ),
                self.found,
            ],
            subtitle="The same text is on the columns themselves, for DBeaver and the DuckDB CLI.",
            download=blocks.Download("joulehouse_columns.csv", self._matching),
        )
        self.state.param.watch(lambda _: self._show(), self.state.fields())
        self._show()

    def _table_names(self) -> list[str]:
        return self.frame["table_name"].unique(maintain_order=True).to_list()

    def _matching(self) -> pl.DataFrame:
        return queries.matching(self.frame, self.state.search, self.state.table)

    def _show(self) -> None:
        matching = self._matching()
        if not matching.height:
            self.found.objects = [
                blocks.empty(
                    "No column matches",
                    f"{self.frame.height} columns are described. Try fewer or shorter words.",
                )
            ]
            return
        self.found.objects = [
            table(
                matching,
                [
                    TableColumn("table_name", "Table", is_code=True),
                    TableColumn("column_name", "Column", is_code=True),
                    TableColumn("unit", "Unit"),
                    TableColumn("data_type", "Type", lambda kind: str(kind).lower()),
                    TableColumn("description", "Description"),
                ],
                caption="Columns that match",
                page_rows=15,
            )
        ]


def _functions(context: Context) -> Viewable:
    frame = queries.functions(context.data)
    if not frame.height:
        return blocks.card("Formulas", blocks.empty("No formula is described", "Run a refresh."))
    return blocks.card(
        "Formulas, callable in SQL",
        table(
            frame,
            [
                TableColumn("function_name", "Function", is_code=True),
                TableColumn("description", "What it computes"),
                TableColumn("arguments", "Arguments"),
                TableColumn("return_unit", "Gives"),
                TableColumn("reference", "Reference", link_column="reference_url"),
            ],
            caption="Formulas of the warehouse",
            page_rows=8,
        ),
        download=blocks.Download("joulehouse_formulas.csv", lambda: frame),
    )
