"""Widgets that write what is chosen into a state; labels and sizes alike on every page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import panel as pn
import panel_material_ui as pmui
import param
from panel.viewable import Viewable

from panel_app.blocks import stack
from panel_app.state import ExploreState

_MARGIN = (0, 0, 0, 0)
# A list longer than this has a field to search it.
_MANY = 12

_Widget = TypeVar("_Widget", bound=param.Parameterized)


def _writes(widget: _Widget, state: param.Parameterized, name: str) -> _Widget:
    widget.param.watch(lambda event: setattr(state, name, event.new), "value")
    return widget


def switch_between(
    state: param.Parameterized,
    name: str,
    options: Mapping[str, str],
    label: str,
    css_classes: Sequence[str] = (),
) -> pmui.RadioButtonGroup:
    """Two or three alternatives side by side."""
    return _writes(
        pmui.RadioButtonGroup(
            label=label,
            options=dict(options),
            value=getattr(state, name),
            size="small",
            button_type="primary",
            margin=_MARGIN,
            css_classes=list(css_classes),
        ),
        state,
        name,
    )


def one_of(
    state: param.Parameterized,
    name: str,
    options: Mapping[str, object] | Sequence[object],
    label: str,
) -> pmui.Select:
    """One of a list."""
    listed = dict(options) if isinstance(options, Mapping) else list(options)
    values = list(listed.values()) if isinstance(listed, dict) else listed
    value = getattr(state, name)
    return _writes(
        pmui.Select(
            label=label,
            options=listed,
            value=value if value in values else values[0],
            size="small",
            sizing_mode="stretch_width",
            margin=_MARGIN,
        ),
        state,
        name,
    )


def any_of(
    state: param.Parameterized,
    name: str,
    options: Mapping[str, str] | Sequence[str],
    label: str,
    max_items: int | None = None,
    css_classes: Sequence[str] = (),
) -> pmui.MultiChoice:
    """Any number of a list; none chosen means all."""
    listed = dict(options) if isinstance(options, Mapping) else {item: item for item in options}
    value = [item for item in getattr(state, name) if item in listed.values()]
    return _writes(
        pmui.MultiChoice(
            label=label,
            options=listed,
            value=value,
            searchable=len(listed) > _MANY,
            max_items=max_items,
            css_classes=list(css_classes),
            sizing_mode="stretch_width",
            margin=_MARGIN,
        ),
        state,
        name,
    )


def yes_or_no(state: param.Parameterized, name: str, label: str) -> pmui.Switch:
    """A switch."""
    return _writes(
        pmui.Switch(
            label=label, value=getattr(state, name), size="small", margin=_MARGIN, width=None
        ),
        state,
        name,
    )


def line_of_text(
    state: param.Parameterized, name: str, label: str, placeholder: str = ""
) -> pmui.TextInput:
    """A line of text, taken over on Enter or when the field is left."""
    return _writes(
        pmui.TextInput(
            label=label,
            value=getattr(state, name),
            placeholder=placeholder,
            size="small",
            sizing_mode="stretch_width",
            margin=_MARGIN,
        ),
        state,
        name,
    )


def years_between(state: ExploreState, first: int, last: int, label: str) -> pmui.IntRangeSlider:
    """A range of years written to ``first_year`` and ``last_year``; the full range is no filter."""

    def write(event: param.parameterized.Event) -> None:
        low, high = event.new
        state.param.update(
            first_year=None if low == first else low, last_year=None if high == last else high
        )

    low = min(max(state.first_year or first, first), last)
    high = max(min(state.last_year or last, last), low)
    widget = pmui.IntRangeSlider(
        label=label,
        start=first,
        end=last if last > first else first + 1,
        value=(low, high),
        format="0",
        sizing_mode="stretch_width",
        margin=(0, 10, 0, 10),
        size="small",
    )
    widget.param.watch(write, "value_throttled")
    return widget


def foldable(
    *items: Viewable, shut: str, open_: str, is_open: bool, css_class: str = ""
) -> pn.Column:
    """Items that a button folds away; ``shut`` and ``open_`` are what the button says."""
    toggle = pmui.Button(variant="text", size="small", margin=_MARGIN, width=None)
    column = stack(toggle, gap_px=14, css_classes=[css_class])

    def show(*, is_open: bool) -> None:
        column.objects = [toggle, *items] if is_open else [toggle]
        toggle.label = open_ if is_open else shut
        toggle.icon = "expand_less" if is_open else "expand_more"

    toggle.on_click(lambda _: show(is_open=len(column.objects) == 1))
    show(is_open=is_open)
    return column
