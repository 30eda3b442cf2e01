"""Grid: how carbon-intensive electricity is, where, when in the year and when in the day."""

from __future__ import annotations

import calendar
from datetime import datetime

import panel as pn
from panel.viewable import Viewable

from panel_app import blocks, controls
from panel_app import format as fmt
from panel_app.boundary import guarded
from panel_app.context import Context
from panel_app.queries import grid as queries
from panel_app.views.grid_live import live_part
from panel_app.views.grid_parts import MOST_ZONES, Parts

_SCOPES = {"Lifecycle": "lifecycle", "Direct": "direct"}
_LIVE = ("live_zone", "basis")
_ROW_CSS = """
:host {
  display: grid !important; gap: 14px 16px; align-items: center;
  grid-template-columns: minmax(240px, 2.4fr) auto minmax(110px, 1fr) minmax(130px, 1fr);
}
@media (max-width: 760px) {
  :host { grid-template-columns: 1fr 1fr; }
  .zones, .scope { grid-column: 1 / -1; }
}
"""


def render(context: Context) -> Viewable:
    """The page."""
    return _Grid(context).layout


class _Grid:
    """Zones, basis and time on top, pictures below."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.state = context.state.grid
        self.results = blocks.stack()
        self.layout = blocks.stack(
            blocks.heading(
                "Grid",
                "A kilowatt-hour is not a kilowatt-hour: what its generation emitted depends on "
                "where and when it was drawn.",
            ),
            guarded("Today", lambda: live_part(context)),
            guarded("The vintage", self._vintage),
            guarded("The choices", self._controls),
            self.results,
        )
        of_archive = [name for name in self.state.fields() if name not in _LIVE]
        self.state.param.watch(lambda *_: self._show(), of_archive)
        self._show()

    def _vintage(self) -> Viewable:
        data = self.context.data
        years = queries.years_with_hours(data)
        extent = queries.hourly_extent(data)
        first, last = extent["first_at"], extent["last_at"]
        if not years or not isinstance(first, datetime) or not isinstance(last, datetime):
            return blocks.banner("The warehouse holds no hourly figures; only years are shown.")
        return blocks.banner(
            f"<strong>The hours below are an archive of {min(years)}–{max(years)}, not today’s "
            "grid.</strong> Use them for the shape of days and seasons, and the yearly figures at "
            f"the end of this page for recent levels. {extent['zone_count']} zones, "
            f"{fmt.day(first)} to {fmt.day(last)}, UTC.",
            "warn",
        )

    def _controls(self) -> Viewable:
        names = queries.zone_names(self.context.data)
        zones = controls.any_of(
            self.state,
            "zone",
            {f"{name} ({zone})": zone for zone, name in names.items()},
            f"Zones (up to {MOST_ZONES})",
            max_items=MOST_ZONES,
            css_classes=["zones"],
        )
        years = queries.years_with_hours(self.context.data)
        months = {calendar.month_name[month]: month for month in range(1, 13)}
        row: list[Viewable] = [
            zones,
            controls.switch_between(
                self.state, "scope", _SCOPES, "Emission factors", css_classes=["scope"]
            ),
        ]
        if years:
            row.append(
                controls.one_of(
                    self.state, "year", {str(year): year for year in years}, "Year of the hours"
                )
            )
            row.append(controls.one_of(self.state, "month", months, "Month of the hours"))
        return blocks.card("Choose", blocks.stack(*row, css=_ROW_CSS))

    def _show(self) -> None:
        with pn.io.hold():
            self.results.objects = [guarded("The grid", self._results)]

    def _results(self) -> Viewable:
        parts = Parts.of(self.context)
        return blocks.stack(
            guarded("The months", parts.monthly),
            blocks.grid(
                guarded("The day profile", parts.day_profile), guarded("The hours", parts.hourly)
            ),
            guarded("The comparison", parts.comparison),
            guarded("The years", parts.yearly),
        )
