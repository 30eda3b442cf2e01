"""The form of the page Predict: fields, and the row of inputs that they mean."""

from __future__ import annotations

from dataclasses import dataclass

import panel_material_ui as pmui
import polars as pl
from panel.viewable import Viewable

from panel_app import blocks, controls
from panel_app.context import Context
from panel_app.quantity import parse_quantity
from panel_app.queries import predict as queries
from panel_app.state import INFERENCE, TRAINING, PredictState

_TASK_TITLES = {"Training": TRAINING, "Inference": INFERENCE}
_INTERVALS = {"80 %": 0.8, "90 %": 0.9, "95 %": 0.95}
_ARCHITECTURES = {
    "not given": "",
    "dense": "dense",
    "mixture of experts": "moe",
    "hybrid": "hybrid",
}
_WORK = {
    "text chat": "text",
    "code": "code",
    "chat about images": "image_chat",
    "chat about videos": "video_chat",
}
_PRECISIONS = ["", "fp32", "bf16", "fp16", "fp8", "int8", "fp4", "int4"]
_REGION_MARK = " – "
_FIELDS_CSS = """
:host {
  display: grid !important; gap: 14px 12px; align-items: start;
  grid-template-columns: 1fr 1fr;
}
.wide { grid-column: 1 / -1; }
"""


@dataclass(frozen=True)
class Field:
    """One field: the state's name, its label, an example, and the column of ``ml`` it fills."""

    name: str
    label: str
    example: str
    column: str
    is_quantity: bool = True


_PARAMETERS = Field("parameters_total", "Parameters", "7B", "parameters_total")
_ACTIVE = Field("parameters_active", "Active parameters", "as parameters", "parameters_active")
_PUE = Field("pue_ratio", "Overhead of the building (PUE)", "1.1", "pue_ratio")

BASIC = {
    TRAINING: (
        _PARAMETERS,
        Field("tokens", "Training tokens", "1T", "tokens"),
        Field("hardware_count", "Accelerators", "256", "hardware_count"),
        Field("duration_h", "Hours of the run", "if known", "duration_h"),
    ),
    INFERENCE: (
        _PARAMETERS,
        _ACTIVE,
        Field("gpu_count", "Accelerators", "1", "gpu_count"),
        Field("concurrency", "Requests at once", "32", "concurrency"),
        Field("input_tokens", "Prompt tokens", "if known", "input_tokens"),
        Field("output_tokens", "Tokens written", "500", "output_tokens"),
    ),
}
FURTHER = {
    TRAINING: (
        Field("device_hours", "Device-hours", "accelerators × hours", "device_hours"),
        Field("utilization_ratio", "Utilisation (MFU)", "0.4", "utilization_ratio"),
        _ACTIVE,
        Field("epochs", "Epochs", "1", "epochs"),
        Field("training_compute_flop", "Compute (FLOP)", "3.1e23", "training_compute_flop"),
        _PUE,
    ),
    INFERENCE: (_PUE,),
}
_TEXT_COLUMNS = {
    TRAINING: {"model_name": "model_name", "hardware": "hardware"},
    INFERENCE: {
        "model_name": "model_name",
        "hardware": "gpu",
        "architecture": "architecture",
        "work": "task",
        "precision": "precision",
    },
}


def region_key(text: str) -> str:
    """The region that a choice such as ``DE – Germany`` stands for."""
    return text.split(_REGION_MARK)[0].strip()


def inputs_of(state: PredictState) -> tuple[pl.DataFrame, list[str]]:
    """The one row of inputs that the form means, and what in it cannot be read, in words.

    Empty fields are left out: nothing is guessed here.
    """
    values: dict[str, object] = {}
    problems = []
    for field in (*BASIC[state.task], *FURTHER[state.task]):
        try:
            number = parse_quantity(getattr(state, field.name))
        except ValueError as error:
            problems.append(f"{field.label}: {error}")
            continue
        if number is not None:
            values[field.column] = number
    for name, column in _TEXT_COLUMNS[state.task].items():
        if text := getattr(state, name).strip():
            values[column] = text
    if key := region_key(state.region):
        values["region"] = key
    return pl.DataFrame([values] if values else [{"region": None}]), problems


def form(context: Context) -> Viewable:
    """The fields of the task that is chosen."""
    state = context.state.predict
    data = context.data
    fields: list[Viewable] = [
        _searched(
            state,
            "model_name",
            "Model (fills in what is known of it)",
            ["", *queries.model_names(data)],
        ),
        *(_quantity(state, field) for field in BASIC[state.task]),
        _searched(state, "hardware", "Accelerator", ["", *queries.hardware_names(data)]),
    ]
    if state.task == INFERENCE:
        fields.append(controls.one_of(state, "precision", _PRECISIONS, "Number format"))
        fields.append(controls.one_of(state, "architecture", _ARCHITECTURES, "Architecture"))
        fields.append(controls.one_of(state, "work", _WORK, "Kind of work"))
    fields.append(_searched(state, "region", "Where it runs", ["", *queries.region_names(data)]))
    fields.append(_further(state))
    return blocks.card(
        "Your configuration",
        blocks.stack(
            controls.switch_between(state, "task", _TASK_TITLES, ""),
            blocks.stack(*fields, css=_FIELDS_CSS),
        ),
        subtitle="Leave out what you do not know; the interval widens and the answer says what "
        "would narrow it.",
    )


def _further(state: PredictState) -> Viewable:
    """The fields that few people know, folded away until one of them is filled."""
    fields = blocks.stack(
        *(_quantity(state, field) for field in FURTHER[state.task]),
        controls.one_of(state, "interval", _INTERVALS, "Interval"),
        css=_FIELDS_CSS,
    )
    return controls.foldable(
        fields,
        shut="More fields",
        open_="Fewer fields",
        is_open=any(getattr(state, field.name) for field in FURTHER[state.task]),
        css_class="wide",
    )


def _quantity(state: PredictState, field: Field) -> pmui.TextInput:
    """A field for a quantity, red with a remark while it cannot be read."""
    widget = controls.line_of_text(state, field.name, field.label, f"e.g. {field.example}")

    def check(_: object = None) -> None:
        try:
            parse_quantity(widget.value)
        except ValueError:
            widget.param.update(error_state=True)
        else:
            widget.param.update(error_state=False)

    widget.param.watch(check, "value")
    check()
    return widget


def _searched(
    state: PredictState, name: str, label: str, options: list[str]
) -> pmui.AutocompleteInput:
    value = getattr(state, name)
    shown = next(
        (option for option in options if option == value or region_key(option) == value), value
    )
    widget = pmui.AutocompleteInput(
        label=label,
        options=options if shown in options else [shown, *options],
        value=shown,
        restrict=False,
        min_characters=0,
        case_sensitive=False,
        search_strategy="includes",
        size="small",
        sizing_mode="stretch_width",
        margin=0,
        css_classes=["wide"],
    )
    widget.param.watch(lambda event: setattr(state, name, region_key(event.new or "")), "value")
    return widget
