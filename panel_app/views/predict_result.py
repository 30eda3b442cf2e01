"""The answer of the page Predict, part by part."""

from __future__ import annotations

from typing import Any

from panel.viewable import Viewable

from panel_app import blocks, equivalents
from panel_app import format as fmt
from panel_app.context import Context
from panel_app.state import TRAINING

_INTERVAL_KINDS = {
    "conformal_grouped": "calibrated on measured groups that the model had not seen",
    "assumed_range": "an assumed range; too few measured groups to calibrate it, so no coverage is "
    "claimed",
}
_BOUNDARIES = {
    "accelerator": "the accelerators alone, without host, cooling and idle time",
    "it": "the servers with their hosts, without cooling",
    "facility": "the whole facility, cooling included",
}
_MISSING = {
    "device_hours": "hours of the run, or device-hours",
    "duration_h": "hours of the run",
    "training_compute_flop": "training tokens or compute",
    "tokens": "training tokens",
    "hardware": "the accelerator",
    "gpu": "the accelerator",
    "hardware_count": "the number of accelerators",
    "gpu_count": "the number of accelerators",
    "parameters_total": "the number of parameters",
    "parameters_active": "the number of active parameters",
    "concurrency": "how many requests run at once",
    "precision": "the number format",
    "pue_ratio": "the overhead of the building (PUE)",
    "region": "where it runs",
    "output_tokens": "tokens written per request",
    "input_tokens": "tokens of the prompt",
    "utilization_ratio": "the utilisation (MFU)",
}


def energy_kwh_of(task: str, row: dict[str, Any]) -> float | None:
    """The answer's energy in kWh: of the run, or of one request."""
    if task == TRAINING:
        return row["energy_kwh"]
    energy_wh = row["energy_wh_per_request"]
    return None if energy_wh is None else energy_wh / 1e3


def refusal(error: str, problems: list[str]) -> Viewable:
    """Why there is no answer."""
    return blocks.card(
        "No answer for this configuration",
        blocks.empty(
            "What is missing or wrong",
            "; ".join([*problems, *error.split(";")]) + ".",
        ),
        subtitle="Give at least a model or its parameters, and either tokens or hours.",
    )


def unread(problems: list[str]) -> Viewable:
    """Fields that were left out because they cannot be read."""
    return blocks.banner(
        f"<strong>Left out:</strong> {'; '.join(blocks.text(problem) for problem in problems)}.",
        "warn",
    )


def headline(context: Context, task: str, row: dict[str, Any]) -> Viewable:
    """Energy and emissions with interval, source and vintage, and what they are like."""
    level = fmt.share(row["interval_level"])
    kind = str(row["interval_kind"] or "")
    boundary = _BOUNDARIES.get(str(row["boundary"]), str(row["boundary"] or fmt.UNKNOWN))
    energy_note = (
        f"{level} interval, {_INTERVAL_KINDS.get(kind, blocks.text(kind))}. Counts {boundary}. "
        f"Method: {blocks.text(method_title(row['method']))}, "
        f"<code>{blocks.text(row['model_version'] or 'no version')}</code>, "
        f"build {blocks.text(context.data.build_id)}."
    )
    if task == TRAINING:
        energy = fmt.energy(row["energy_kwh"])
        energy_range = fmt.energy_range(row["energy_lower_kwh"], row["energy_upper_kwh"])
        emissions_kgco2e = row["emissions_kgco2e"]
        bounds = row["emissions_lower_kgco2e"], row["emissions_upper_kgco2e"]
        what = "Energy of the run"
    else:
        energy = f"{fmt.joules(row['energy_j_per_unit'])} per token"
        energy_range = (
            fmt.joules_range(row["energy_lower_j_per_unit"], row["energy_upper_j_per_unit"])
            + " per output token"
        )
        emissions_kgco2e, *bounds_list = (
            None if row[name] is None else row[name] / 1e3
            for name in (
                "emissions_gco2e_per_request",
                "emissions_lower_gco2e_per_request",
                "emissions_upper_gco2e_per_request",
            )
        )
        bounds = bounds_list[0], bounds_list[1]
        what = "Energy of an output token"
    left = _figure(what, energy, energy_range, energy_note)
    right = _emissions(task, row, emissions_kgco2e, bounds)
    return blocks.card(
        "The answer",
        [
            blocks.html(f'<div class="pair">{left}{right}</div>'),
            blocks.html(_likeness(task, row, emissions_kgco2e), margin=(18, 0, 6, 0)),
        ],
    )


def _emissions(
    task: str,
    row: dict[str, Any],
    emissions_kgco2e: float | None,
    bounds: tuple[float | None, float | None],
) -> str:
    what = "Emissions of the run" if task == TRAINING else "Emissions of a request"
    if emissions_kgco2e is None:
        reason = (
            "Say where it runs to see emissions."
            if row["carbon_intensity_gco2e_per_kwh"] is None
            else "Say how many tokens a request writes to see its emissions."
        )
        return _figure(what, "not known", "", reason)
    note = (
        f"At {fmt.intensity(row['carbon_intensity_gco2e_per_kwh'])} "
        f"({blocks.text(row['intensity_basis'] or 'basis not known')}). "
        f"Source: {blocks.text(row['intensity_source'] or fmt.UNKNOWN)}. "
        "Making the hardware is not included."
    )
    return _figure(what, fmt.emissions(emissions_kgco2e), fmt.emissions_range(*bounds), note)


def _figure(what: str, number: str, interval: str, note: str) -> str:
    between = f'<div class="range">{interval}</div>' if interval else ""
    return (
        f'<div class="result"><div class="muted">{what}</div><div class="number">{number}</div>'
        f'{between}<div class="source">{note}</div></div>'
    )


def _likeness(task: str, row: dict[str, Any], emissions_kgco2e: float | None) -> str:
    requests = 1 if task == TRAINING else 1_000_000
    energy_kwh = energy_kwh_of(task, row)
    found = [
        equivalents.of_energy(None if energy_kwh is None else energy_kwh * requests),
        equivalents.of_emissions(None if emissions_kgco2e is None else emissions_kgco2e * requests),
    ]
    lines = []
    for likeness in found:
        if likeness is not None:
            source = blocks.link(likeness.source_title, likeness.source_url)
            cited = f"{source}; " if likeness.source_title else ""
            lines.append(
                f"<li><strong>{blocks.text(likeness.sentence)}</strong> "
                f'<span class="muted small">({cited}{blocks.text(likeness.factor)})</span></li>'
            )
    if not lines:
        return ""
    subject = "That is about" if task == TRAINING else "A million such requests are about"
    return f'<div class="banner">{subject}<ul style="padding-left:20px">{"".join(lines)}</ul></div>'


def method_title(method: str | None) -> str:
    """A method's key as words."""
    return (method or "no method").replace("_", " ")


def advice(row: dict[str, Any]) -> Viewable:
    """What would narrow the interval, and what to be careful with."""
    missing = [name for name in (row["missing_inputs"] or "").split(";") if name]
    warnings = [warning.strip() for warning in (row["warnings"] or "").split(";") if warning]
    wanted = "".join(f"<li>{blocks.text(_MISSING.get(n.strip(), n))}</li>" for n in missing)
    careful = "".join(f"<li>{blocks.text(warning)}</li>" for warning in warnings)
    body = '<div class="prose">'
    body += (
        f"<p>Not given, and it would help to know:</p><ul>{wanted}</ul>"
        if wanted
        else "<p>Everything that the method uses was given.</p>"
    )
    if careful:
        body += f'<p style="margin-top:12px">Be careful:</p><ul>{careful}</ul>'
    return blocks.card("To narrow it", blocks.html(f"{body}</div>"))
