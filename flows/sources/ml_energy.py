"""The ML.ENERGY leaderboard: measured GPU energy of text, image and video generation.

``index.json`` names the tasks and the models; ``tasks/<task>.json`` holds every configuration, and
``models/<organisation>__<model>__<task>.json`` the same ones with the distribution of their output
lengths. The energy is that of the GPUs alone, and is spread over the output tokens only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import orjson
import polars as pl

from flows.sources.bodies import json_object, member, text_frame
from flows.sources.context import FetchContext
from flows.sources.http import Answer
from flows.sources.ml_energy_tables import (
    BY_ENERGY,
    BY_TASK,
    CONFIGURATIONS,
    IMAGES,
    MODELS,
    OUTPUT_LENGTHS,
    VIDEOS,
)
from flows.sources.protocol import Arrival, Limits, Source
from flows.sources.static_files import JSON, ask
from warehouse.errors import ParseError, SourceError
from warehouse.landing import Fetched, Landed
from warehouse.tables import Parsed, Table, conform, no_rejects

_ID = "ml-energy"
_LICENCE = (
    "No licence file stands with the leaderboard's data. The same measurements are published as "
    "the data set ml-energy/benchmark-v3 under Apache-2.0, according to its card. Show with "
    "citation; ask before shipping the files."
)
_FOLDERS = ("", "/data", "/public/data")
_TASK_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_DISTRIBUTION = "output_length_distribution"
_PLACES = ("bin_number", "lower_tokens", "upper_tokens", "request_count")


def fetch(context: FetchContext) -> Iterator[Fetched]:
    """The index, every task's file, and the models' files of tasks whose file is news.

    The index says only the day of the last change, so the seven tasks, which hold all figures, are
    asked for each time; HTTP's own validators make that cheap where nothing changed.
    """
    index = ask(context, "index.json", _FOLDERS, JSON)
    folder = index.request.removeprefix("GET ").rpartition("/")[0]
    tasks = _tasks(index)
    kept = _newest(context.landing.records(_ID))
    yield _fetched(index, "index.json")
    yield from context.each(tasks, partial(_fetch_task, context, folder, kept))


def _fetch_task(
    context: FetchContext, folder: str, kept: Mapping[str, Landed], task: str
) -> Iterator[Fetched]:
    name = f"tasks/{task}.json"
    answer = context.http.get_json(f"{folder}/{name}")
    yield _fetched(answer, name)
    known = kept.get(name)
    is_news = known is None or known.landed_sha256 != sha256(answer.body).hexdigest()
    failure: SourceError | None = None
    for path in _model_files(answer, task):
        own = kept.get(path)
        is_older = own is None or known is None or own.fetched_at < known.fetched_at
        if not (is_news or is_older or context.is_full):
            continue
        try:
            yield _fetched(context.http.get_json(f"{folder}/{quote(path)}"), path)
        except SourceError as error:
            failure = failure or error
    if failure is not None:
        raise failure


def _tasks(index: Answer) -> list[str]:
    document = index.json()
    tasks = document.get("tasks") if isinstance(document, dict) else None
    if not isinstance(tasks, list) or not tasks:
        raise SourceError(
            f"{_ID}: {index.request} names no tasks; a list of them was expected in its field "
            f"'tasks'. It begins: {index.body[:120].decode(errors='replace')}"
        )
    # A name is put into an address: nothing but a plain one may be.
    return [task for task in tasks if isinstance(task, str) and _TASK_NAME.fullmatch(task)]


def _model_files(answer: Answer, task: str) -> list[str]:
    document = answer.json()
    rows = document.get("configurations") if isinstance(document, dict) else None
    named = [row.get("model_id") for row in rows or () if isinstance(row, dict)]
    models = dict.fromkeys(name for name in named if isinstance(name, str) and name)
    return [f"models/{name.replace('/', '__')}__{task}.json" for name in models]


def _newest(records: Sequence[Landed]) -> dict[str, Landed]:
    """The newest record of each file; ``records`` are in the order of their arrival."""
    return {record.name: record for record in records}


def _fetched(answer: Answer, name: str) -> Fetched:
    return Fetched(
        body=answer.body,
        name=name,
        media_type=answer.media_type,
        request=answer.request,
        licence=_LICENCE,
    )


def parse(arrival: Arrival) -> Parsed:
    """The index's models, or the configurations of a task or of a model.

    Raises:
        ParseError: it is none of the leaderboard's files, or lacks what every row needs.
    """
    document = json_object(arrival, _ID)
    if "tasks" in document and "configurations" not in document:
        return Parsed.collect([(MODELS.name, _models(document))])
    task = member(document, "task", str, _ID)
    rows = member(document, "configurations", list, _ID)
    of_file: dict[str, object] = {"task": task, "file_kind": "task"}
    if "model_id" in document:
        of_file["file_kind"] = "model"
        plain = {
            key: value for key, value in document.items() if not isinstance(value, list | dict)
        }
        of_file = plain | of_file
    # What is no object becomes a row of nulls, which quarantine reports.
    records = [
        _flat(row if isinstance(row, dict) else {})
        | of_file
        | {"place": f"configurations[{place}]"}
        for place, row in enumerate(rows)
    ]
    table = _table_of(task, records)
    if not records:
        return Parsed({table.name: pl.DataFrame(schema=table.schema)})
    records = _distinct(records, table)
    energy = next(name for name, made in BY_ENERGY.items() if made is table)
    if not any(energy in record for record in records):
        found = ", ".join(dict.fromkeys(name for record in records for name in record))
        raise ParseError(
            f"the field is missing from every row; found: {found[:300]}",
            source_id=_ID,
            location="configurations",
            field=energy,
        )
    frame = _numbered(_frame(records, table), table, energy)
    parts = [(table.name, conform(frame, table, pl.col("place")))]
    if table is CONFIGURATIONS and any(_DISTRIBUTION in record for record in records):
        parts.append((OUTPUT_LENGTHS.name, _output_lengths(records, frame)))
    return Parsed.collect(parts)


def _distinct(records: Sequence[dict[str, Any]], table: Table) -> list[dict[str, Any]]:
    """Records without those that say again, word for word, what one before them says."""
    names = [column.name for column in table.columns]
    spoken = {
        orjson.dumps([record.get(name) for name in names]): record for record in records[::-1]
    }
    return list(spoken.values())[::-1]


def _models(document: Mapping[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    models = member(document, "models", dict, _ID)
    records = [
        (entry if isinstance(entry, dict) else {}) | {"model_id": model_id}
        for model_id, entry in models.items()
    ]
    frame = _frame(records, MODELS).with_columns(
        pl.format("models[{}]", pl.col("model_id")).alias("location")
    )
    return conform(frame, MODELS, pl.col("location"))


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with the fields of ``parallelization`` beside the others."""
    inner = row.get("parallelization")
    return {**(inner if isinstance(inner, dict) else {}), **row}


def _table_of(task: str, records: Sequence[Mapping[str, Any]]) -> Table:
    """What the task's rows are: by its name, for a new task by the energy that its rows have."""
    if (table := BY_TASK.get(task)) is not None:
        return table
    for name, table in BY_ENERGY.items():
        if any(name in record for record in records):
            return table
    raise ParseError(
        f"no row of the unknown task has one of the fields {', '.join(BY_ENERGY)}",
        source_id=_ID,
        location="configurations",
        field="task",
        value=task,
    )


def _frame(records: Sequence[Mapping[str, Any]], table: Table) -> pl.DataFrame:
    """The table's fields that some record has, as text; and the records' places."""
    given = {name for record in records for name in record}
    names = [column.name for column in table.columns if column.name in given]
    return text_frame(records, [*names, *({"place"} & given)])


def _numbered(frame: pl.DataFrame, table: Table, energy: str) -> pl.DataFrame:
    """Rows with ``repeat``: which of one configuration each is, by energy; order means nothing."""
    same = [name for name in table.key if name in frame.columns]
    figure = pl.col(energy).cast(pl.Float64, strict=False)
    number = pl.coalesce(figure.rank("ordinal"), pl.int_range(1, pl.len() + 1))
    return frame.with_columns(number.over(same).cast(pl.String).alias("repeat"))


def _output_lengths(
    records: Sequence[Mapping[str, Any]], frame: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row a bin. n + 1 edges go with n counts; a distribution of another shape is refused."""
    settings = [name for name in OUTPUT_LENGTHS.key if name in frame.columns]
    bins = []
    rows = frame.select(settings).iter_rows(named=True)
    for record, given in zip(records, rows, strict=True):
        if record.get(_DISTRIBUTION) is None:
            continue
        location = f"{record['place']}.{_DISTRIBUTION}"
        bins += [
            {**given, **dict(zip(_PLACES, place, strict=True)), "location": location}
            for place in _bins(record[_DISTRIBUTION])
        ]
    if not bins:
        return pl.DataFrame(schema=OUTPUT_LENGTHS.schema), no_rejects()
    names = [*settings, *_PLACES, "location"]
    return conform(text_frame(bins, names), OUTPUT_LENGTHS, pl.col("location"))


def _bins(distribution: object) -> list[tuple[object, ...]]:
    edges = distribution.get("bins") if isinstance(distribution, dict) else None
    counts = distribution.get("counts") if isinstance(distribution, dict) else None
    if not isinstance(edges, list) or not isinstance(counts, list) or not counts:
        return [(1, None, None, orjson.dumps(distribution).decode()[:120])]
    if len(edges) != len(counts) + 1:
        return [(1, None, None, f"{len(edges)} edges, {len(counts)} counts")]
    return [
        (number, *row)
        for number, row in enumerate(zip(edges[:-1], edges[1:], counts, strict=True), start=1)
    ]


SOURCE = Source(
    source_id=_ID,
    title="ML.ENERGY leaderboard: measured energy of generative AI",
    publisher="ML.ENERGY Initiative (SymbioticLab, University of Michigan)",
    homepage_url="https://ml.energy/leaderboard",
    licence=_LICENCE,
    licence_url="https://github.com/ml-energy/leaderboard",
    citation=(
        "Chung, Ma, Wu, Liu, Kweon, Xia, Wu and Chowdhury, The ML.ENERGY Benchmark: Toward "
        "Automated Inference Energy Measurement and Optimization, NeurIPS 2025 Datasets and "
        "Benchmarks, https://arxiv.org/abs/2505.06371; data: https://ml.energy/leaderboard."
    ),
    description=(
        "GPU energy of text, code, image chat, video chat, image and video generation, measured "
        "with Zeus in the steady state of a busy server, for each model, GPU, number of GPUs, "
        "batch and parallelism; power, throughput, latency and the distribution of output lengths."
    ),
    cadence=timedelta(days=30),
    parser_version=1,
    tables=(MODELS, CONFIGURATIONS, IMAGES, VIDEOS, OUTPUT_LENGTHS),
    fetch=fetch,
    parse=parse,
    base_url="https://ml.energy/leaderboard/data",
    base_url_env="JOULEHOUSE_ML_ENERGY_URL",
    limits=Limits(requests=4, concurrency=2),
    is_cacheable=True,
    known_faults=(
        "Energy is that of the GPUs alone, on a busy server in steady state: host, network, "
        "cooling and idle time are missing, so that each figure is a floor.",
        "Energy is divided by output tokens only: the cost of reading prompts, images and videos "
        "is inside, and the length of the input is not given.",
        "The edition of 2026-02-16 holds two configurations of lm-arena-chat twice, with different "
        "figures: Qwen 3 30B A3B on two H100 with 256 and with 512 sequences.",
        "Text conversation (lm-arena-chat) is also what Lead Green compiles, with figures "
        "rounded to six decimals: all 328 configurations of that edition are in both.",
        "The day of the last change stands in the index alone, and only as a day.",
        "Parameter counts are rounded to the number that is in the model's name.",
    ),
)
