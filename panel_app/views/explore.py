"""Explore: which rows, which columns against which; training and inference alike."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui
import param
import polars as pl
from panel.viewable import Viewable

from panel_app import blocks, controls
from panel_app.boundary import guarded
from panel_app.charts.labels import boundary_title, label_title
from panel_app.context import Context
from panel_app.measures import X_MEASURES, Y_MEASURES
from panel_app.queries import explore as queries
from panel_app.state import INFERENCE, TRAINING, ExploreState
from panel_app.views.explore_parts import Parts

_TASK_TITLES = {"Training": TRAINING, "Inference": INFERENCE}
_SPLIT_CSS = """
:host {
  display: grid !important; gap: 16px; align-items: start;
  grid-template-columns: 300px minmax(0, 1fr);
}
@media (max-width: 1000px) { :host { grid-template-columns: minmax(0, 1fr); } }
"""


def render(context: Context) -> Viewable:
    """The page."""
    return _Explore(context).layout


class _Explore:
    """The controls on one side, what they choose on the other."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.state: ExploreState = context.state.explore
        self.controls = blocks.stack(css=blocks.STICKY_CSS)
        self.results = blocks.stack()
        self.layout = blocks.stack(
            blocks.heading(
                "Explore",
                "Every training run and every inference measurement, by size, hardware and time. "
                "Filled marks were measured; hollow ones were computed or declared.",
            ),
            blocks.stack(self.controls, self.results, css=_SPLIT_CSS),
        )
        names = [name for name in self.state.fields() if name != "task"]
        self.state.param.watch(lambda *_: self._show_results(), names)
        self.state.param.watch(lambda _: self._clear(), "task")
        self._show_controls()
        self._show_results()

    @property
    def rows(self) -> pl.DataFrame:
        """All rows of the task."""
        return queries.rows(self.context.data, self.state.task)

    def _clear(self) -> None:
        """Back to the defaults of the task; the other task has other families and columns."""
        with param.parameterized.discard_events(self.state):
            task = self.state.task
            self.state.update_from_query("")
            self.state.task = task
        with pn.io.hold():
            self._show_controls()
            # One event for the address bar and the pictures.
            self.state.param.trigger("x")

    def _show_controls(self) -> None:
        self.controls.objects = [guarded("The filters", self._control_card)]

    def _control_card(self) -> Viewable:
        state = self.state
        axes: list[Viewable] = [
            controls.switch_between(state, "task", _TASK_TITLES, ""),
            controls.one_of(
                state, "y", {m.label: m.column for m in Y_MEASURES[state.task]}, "Vertical axis"
            ),
            controls.one_of(
                state, "x", {m.label: m.column for m in X_MEASURES[state.task]}, "Horizontal axis"
            ),
            pn.Row(
                controls.yes_or_no(state, "log_y", "Log vertical"),
                controls.yes_or_no(state, "log_x", "Log horizontal"),
                styles={"gap": "4px 14px", "flex-wrap": "wrap"},
                margin=0,
            ),
        ]
        return blocks.card(
            "Choose",
            blocks.stack(
                *axes,
                controls.foldable(
                    *self._filters(),
                    shut="Show the filters",
                    open_="Hide the filters",
                    is_open=not self.context.narrow,
                ),
                gap_px=14,
            ),
        )

    def _filters(self) -> list[Viewable]:
        state, frame = self.state, self.rows
        years = frame["release_date"].dt.year().drop_nulls()
        filters: list[Viewable] = [
            controls.any_of(
                state, "family", queries.choices(frame, "model_family"), "Model family"
            ),
            controls.any_of(state, "hardware", queries.choices(frame, "hardware_name"), "Hardware"),
            controls.any_of(
                state,
                "label",
                {label_title(kind): kind for kind in queries.choices(frame, "label_kind")},
                "How it was made",
            ),
            controls.any_of(
                state,
                "boundary",
                {boundary_title(kind): kind for kind in queries.choices(frame, "boundary")},
                "System boundary",
            ),
        ]
        if years.n_unique() > 1:
            first, last = sorted(years.to_list())[0], sorted(years.to_list())[-1]
            filters.append(controls.years_between(state, first, last, "Release year"))
        if frame["is_suspect"].any():
            filters.append(
                controls.yes_or_no(state, "suspect", "Show rows that contradict themselves")
            )
        clear = pmui.Button(
            label="Clear the filters", variant="text", size="small", margin=0, width=None
        )
        clear.on_click(lambda _: self._clear())
        return [*filters, clear]

    def _show_results(self) -> None:
        with pn.io.hold():
            self.results.objects = [guarded("The rows", self._results)]

    def _results(self) -> Viewable:
        frame = queries.chosen(self.rows, self.state)
        if not frame.height:
            return self._nothing()
        return blocks.stack(
            *(guarded(name, draw) for name, draw in Parts(self.context, frame).all())
        )

    def _nothing(self) -> Viewable:
        if not self.rows.height:
            return blocks.card(
                "Nothing to show",
                blocks.empty(
                    f"The warehouse holds no {self.state.task} rows",
                    "See Health for the state of the sources, then refresh.",
                    "joulehouse refresh",
                ),
            )
        return blocks.card(
            "Nothing to show",
            blocks.empty(
                "No row passes all filters",
                f"There are {self.rows.height} rows without filters. Widen the years or clear a "
                "filter.",
            ),
        )
