"""Bodies of any size in the providers' shapes, made fast: for benchmarks and for full listings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from local_providers.huggingface_models import HubModel

FIRST_MODIFIED = datetime(2022, 3, 3, tzinfo=UTC)
_SECONDS_BETWEEN = 120

# The forms of ``co2_eq_emissions``, one model in so many; ``%s`` stands for the number.
_BLOCKS = (
    '{"emissions":%s,"source":"CodeCarbon","training_type":"fine-tuning",'
    '"geographical_location":"Germany","hardware_used":"1 x A100 40GB"}',
    '{"emissions":%s}',
    "%s",
    '"%sg"',
    '{"emissions":"%s"}',
    '[{"emissions":%s},{"hardware used":"8 x V100 16GB"}]',
    '{"emissions":%s,"geographical-location":"East US","hardware-used":"TPU v3-8"}',
)
_TASKS = ("text-generation", "text-classification", "translation", "image-classification")


def hub_listing(count: int, page_size: int = 1_000) -> Iterator[bytes]:
    """The listing of ``count`` models that declare emissions, page by page, newest first.

    Each page is a JSON array as ``expand`` gives it. Model ``n`` (0 is the oldest) declares
    ``n % 100_000 / 8 + 0.125`` grams in form ``n % 7``, and was modified ``n * 120`` s after
    :data:`FIRST_MODIFIED`.
    """
    for newest in range(count - 1, -1, -page_size):
        oldest = max(newest - page_size, -1)
        yield b"[%s]" % ",".join(_object(n) for n in range(newest, oldest, -1)).encode()


def hub_models(count: int) -> list[HubModel]:
    """The same models, for :meth:`HuggingFace.publish`."""
    made = []
    for page in hub_listing(count):
        for fields in json.loads(page):
            complete = {
                "modelId": fields["id"],
                "author": fields["id"].partition("/")[0],
                "private": False,
                "trendingScore": 0,
                **fields,
            }
            made.append(HubModel(complete, f"# {fields['id']}\n"))
    return made


def energy_charts_co2eq(
    start: datetime, hours: int, *, seed: int = 0, forecast_hours: int = 0
) -> bytes:
    """One zone's ``/co2eq`` answer: hourly, in g CO2eq/kWh, three decimals.

    The last ``forecast_hours`` hours have no actual value yet. Every 997th actual is missing.
    """
    random = np.random.default_rng(seed)
    seconds = int(start.timestamp()) + 3600 * np.arange(hours, dtype=np.int64)
    daily = np.sin(2 * np.pi * (seconds % 86_400) / 86_400)
    actual = np.round(300 + 120 * daily + random.normal(0, 25, hours), 3)
    forecast = np.round(actual + random.normal(0, 10, hours), 3)
    is_missing = (np.arange(hours) % 997 == 996) | (np.arange(hours) >= hours - forecast_hours)
    return b'{"unix_seconds":[%s],"co2eq":[%s],"co2eq_forecast":[%s],"deprecated":false}' % (
        ",".join(map(str, seconds.tolist())).encode(),
        ",".join(
            "null" if missing else repr(value)
            for value, missing in zip(actual.tolist(), is_missing.tolist(), strict=True)
        ).encode(),
        ",".join(map(repr, forecast.tolist())).encode(),
    )


def energy_charts_bodies(
    zones: int, hours: int, *, start: datetime, chunk: timedelta | None = None
) -> Iterator[tuple[str, bytes]]:
    """``zones`` zones of ``hours`` hours, as (zone key, body): one body a chunk, all if None.

    Zone keys are ``z000``, ``z001`` and so on.
    """
    a_body = hours if chunk is None else int(chunk / timedelta(hours=1))
    for zone in range(zones):
        for first in range(0, hours, a_body):
            yield (
                f"z{zone:03}",
                energy_charts_co2eq(
                    start + timedelta(hours=first),
                    min(a_body, hours - first),
                    seed=zone * 1_000_003 + first,
                ),
            )


def _object(n: int) -> str:
    """Model ``n`` as it stands in a listing with ``expand``."""
    at = FIRST_MODIFIED + timedelta(seconds=n * _SECONDS_BETWEEN)
    created = max(at - timedelta(hours=n % 5_000), FIRST_MODIFIED)
    task = _TASKS[n % 4]
    block = _BLOCKS[n % 7] % (n % 100_000 / 8 + 0.125)
    parameters = (n % 700 + 1) * 10_000_000
    return (
        f'{{"_id":"{n:024x}","id":"org{n % 20_011}/model-{n}","likes":{n % 97},"downloads":'
        f'{n * 7 % 100_003},"tags":["transformers","safetensors","{task}","license:apache-2.0",'
        f'"base_model:org{n % 50}/base","co2_eq_emissions","region:us"],"pipeline_tag":"{task}",'
        f'"library_name":"transformers","gated":false,"sha":"{n:040x}",'
        f'"createdAt":"{created:%Y-%m-%dT%H:%M:%S}.000Z",'
        f'"lastModified":"{at:%Y-%m-%dT%H:%M:%S}.000Z",'
        f'"safetensors":{{"parameters":{{"BF16":{parameters}}},"total":{parameters}}},'
        f'"cardData":{{"license":"apache-2.0","base_model":"org{n % 50}/base",'
        f'"co2_eq_emissions":{block}}}}}'
    )


def listed_facts(n: int) -> dict[str, Any]:
    """What model ``n`` says, to compare with: its id, its grams, when it was modified."""
    return {
        "id": f"org{n % 20_011}/model-{n}",
        "emissions_gco2e": n % 100_000 / 8 + 0.125,
        "modified_at": FIRST_MODIFIED + timedelta(seconds=n * _SECONDS_BETWEEN),
    }
