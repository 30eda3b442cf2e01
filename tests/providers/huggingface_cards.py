"""Model cards with every trap that cards were seen to hold. The numbers are invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from local_providers.huggingface_models import HubModel, hub_model

BEGIN = datetime(2024, 1, 8, 9, 30, tzinfo=UTC)

# What ``co2_eq_emissions`` holds, by the name of the model.
DECLARED: dict[str, Any] = {
    "birdwatch/full-block": {
        "emissions": 1510,
        "source": "CodeCarbon",
        "training_type": "fine-tuning",
        "geographical_location": "Germany",
        "hardware_used": "NVIDIA A100-SXM4-40GB",
    },
    "birdwatch/pre-training-with-dash": {
        "emissions": 149_500.5,
        "source": "ML CO2 calculator",
        "training_type": "pre-training",
        "geographical_location": "East US",
        "hardware_used": "** 8 16GB V100",
    },
    "birdwatch/pretraining-one-word": {
        "emissions": 4_010.25,
        "source": "mlco2",
        "training_type": "pretraining",
        "geographical_location": "Denmark",
        "hardware_used": "TPUv3-8 for about 180 hours",
    },
    "birdwatch/typing-error-in-hardware": {
        "emissions": "2200",
        "source": "guessed",
        "hardware_used": "TTPU v3-256",
        "geographical_location": "Netherlands",
    },
    "birdwatch/padded-hardware": {"emissions": 44.5, "hardware_used": "1  RTX 3060"},
    "birdwatch/unknown-hardware": {"emissions": 7, "hardware_used": "my old laptop"},
    "old-model-without-organisation": {"emissions": 320},
    "nest-labs/autotrain-sparrow-5523": {"emissions": 8.012_345_678_912},
    "nest-labs/autonlp-wren-1448": 131.123_456_789,
    "nest-labs/number": 10.5,
    "nest-labs/zero": {"emissions": 0},
    "nest-labs/negative": {"emissions": -3.5, "source": "CodeCarbon"},
    "nest-labs/huge": {"emissions": 9.9e15},
    "nest-labs/text-17g": "17g",
    "nest-labs/text-with-space": "49.49 g",
    "nest-labs/text-kilograms": {"emissions": "3.2 kg", "source": "CodeCarbon"},
    "nest-labs/text-exponent": {"emissions": "1e-5"},
    "nest-labs/text-thousands": {"emissions": "1,250.5 gCO2eq"},
    "nest-labs/to-be-done": {"emissions": "TBD", "source": "", "hardware_used": ""},
    "nest-labs/nothing": None,
    "nest-labs/empty-block": {},
    "nest-labs/no-emissions-but-hardware": {
        "hardware_used": "4 x A100 80GB",
        "geographical_location": "France",
    },
    "nest-labs/list-of-one-key-objects": [
        {"emissions": 512.5},
        {"source": "CodeCarbon"},
        {"training type": "fine-tuning"},
        {"geographical location": "Paris, France"},
        {"hardware used": "1 x V100 16GB"},
    ],
    "nest-labs/dashed-keys": {
        "emissions": 88,
        "training-type": "fine-tuning",
        "geographical-location": "Oregon, USA",
        "hardware-used": "8 x A100",
    },
    "nest-labs/true-is-no-number": {"emissions": True},
    "nest-labs/nested": {"emissions": {"value": 12, "unit": "kg"}, "unexpected": [1, 2]},
    "easel/country-conflict": {
        "emissions": 160,
        "source": "CodeCarbon",
        "geographical_location": "United States of America",
        "hardware_used": "NVIDIA A100-SXM4-40GB",
    },
    "easel/kilograms-as-grams": {
        "emissions": 0.69,
        "source": "CodeCarbon",
        "training_type": "pre-training",
        "geographical_location": "Germany",
        "hardware_used": "NVIDIA A100-SXM4-40GB",
    },
    "easel/base": {
        "emissions": 5_600.25,
        "source": "CodeCarbon",
        "training_type": "pre-training",
        "geographical_location": "Ireland",
        "hardware_used": "16 x A100 40GB",
    },
}
_BODIES = {
    "easel/country-conflict": "- **Emissions:** 0.16 KgCO2 (Singapore)\n"
    "- **Total Energy Consumption:** 0.35 kWh\n",
    "easel/kilograms-as-grams": "- **Size:** 161,000,192 parameters\n"
    "- **Emissions:** 0.69 KgCO2 (Germany)\n- **Total Energy Consumption:** 1.75 kWh\n"
    "- Training time: 36 hours on one A100\n",
    "birdwatch/full-block": "Trained for 12 hours on 4 GPUs.\n",
}
_BROKEN = {
    "fieldnotes/unclosed-quote": '---\nlicense: mit\nlanguage: "en\nco2_eq_emissions:\n'
    '  emissions: 77.5\n  source: "CodeCarbon"\n---\n\n# A model\n',
    "fieldnotes/tab-in-front-matter": "---\nlicense: mit\n"
    "co2_eq_emissions:\n\temissions: 41\n---\n",
    "fieldnotes/late-front-matter": "# A model\n\nSome words first.\n\n---\nco2_eq_emissions:\n"
    "  emissions: 900\n  hardware_used: 2 x RTX 3090\n---\n",
    "fieldnotes/never-closed": "---\nlicense: mit\n"
    "co2_eq_emissions:\n  emissions: 33\n\n# A model\n",
}
# These declare nothing; their text does.
_TOLD = {
    "fieldnotes/told-in-the-body": "# Heron\n\nWe trained for 1,440 GPU hours on 64 NVIDIA H100 "
    "80GB GPUs in europe-west4, using 1,050 kWh. Estimated emissions: 0.4 tCO2eq.\n",
    "fieldnotes/nothing-of-interest": "# Kiwi\n\nA small model. Have fun!\n",
}


def trap_models() -> list[HubModel]:
    """Every trap, an hour apart, as the Hub would give them on the day of :data:`BEGIN`."""
    made: list[HubModel] = []

    def at() -> datetime:
        return BEGIN + timedelta(hours=len(made))

    for model_id, block in DECLARED.items():
        made.append(declaring(model_id, block, at(), body=_BODIES.get(model_id, "# A model\n")))
    copied = {"base_model": "easel/base"}
    for number in (1, 2):
        # The values of the base model, taken over with its card.
        name = f"easel/finetuned-{number}-with-the-base-card"
        made.append(declaring(name, DECLARED["easel/base"], at(), more=copied))
    quantized = declaring(
        "easel/base-4bit",
        DECLARED["easel/base"],
        at(),
        more=copied,
        parameters={"I32": 900_000_000},
    )
    made.append(quantized)
    made.append(declaring("easel/base-7B-GGUF", DECLARED["easel/base"], at(), gguf_total=7 * 10**9))
    made.append(
        declaring("easel/no-total", 21.5, at(), parameters={"F16": 5, "F32": 6}, has_total=False)
    )
    made.append(declaring("easel/gated", 66.5, at(), gated="manual"))
    made.append(declaring("easel/private", 67.5, at(), is_private=True))
    for model_id, text in _BROKEN.items():
        made.append(hub_model(model_id, at(), front_matter=text))
    for model_id, body in _TOLD.items():
        made.append(hub_model(model_id, at(), card={"license": "mit"}, body=body))
    made.append(_without_readme(hub_model("fieldnotes/no-readme", at())))
    return made


def declaring(
    model_id: str,
    block: object,
    modified_at: datetime,
    *,
    more: Mapping[str, Any] | None = None,
    **options: Any,
) -> HubModel:
    """A model whose front matter has this ``co2_eq_emissions``."""
    tags = ["autotrain"] if "/auto" in model_id else []
    card = {"license": "apache-2.0", **({"tags": tags} if tags else {}), **(more or {})}
    parameters = options.pop("parameters", {"BF16": 7_240_000_000})
    if "gguf_total" in options:
        parameters = None
    return hub_model(
        model_id,
        modified_at,
        card={**card, "co2_eq_emissions": block},
        parameters=parameters,
        **options,
    )


def corrected_kilograms(modified_at: datetime) -> HubModel:
    """The state in which ``easel/kilograms-as-grams`` was put right: times 1,000."""
    name = "easel/kilograms-as-grams"
    block = DECLARED[name] | {"emissions": 690}
    return declaring(name, block, modified_at, body=_BODIES[name], created_at=BEGIN)


def _without_readme(model: HubModel) -> HubModel:
    return replace(model, readme=None)
