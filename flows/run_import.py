"""``joulehouse import``: the import flow from the command line."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from flows.prefect_server import reporting_to_prefect
from flows.progress import shown_on
from flows.selection import importable_source
from flows.sources.imported import template
from warehouse.errors import InputError
from warehouse.settings import Settings

# It waits for a scheduled run to end.
_WAIT_S = 1800.0


def run_import(
    settings: Settings,
    source_id: str,
    paths: Sequence[Path],
    *,
    about: Sequence[str] = (),
    as_of: datetime | None = None,
    may_publish: bool = True,
) -> None:
    """Land and load the files, then build and publish what came.

    Raises:
        InputError: no such source or path.
        SourceError: no file could be read.
    """
    importable_source(source_id, settings)
    if not paths:
        raise InputError(
            "no file was given.", remedy=f"Give some: `joulehouse import {source_id} FILE`."
        )
    known = dict(_pair(text) for text in about)
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} is not there.", remedy="Give files or folders.")
    with ExitStack() as stack:
        stack.enter_context(shown_on(sys.stdout))
        stack.enter_context(
            reporting_to_prefect(settings, lambda: importlib.import_module("flows.transform"))
        )
        from flows.import_files import import_files
        from flows.transform import transform

        signal.signal(signal.SIGINT, signal.default_int_handler)
        row_count = import_files(
            source_id,
            [str(path.resolve()) for path in paths],
            about=known,
            as_of=as_of,
            wait_s=_WAIT_S,
        )
        if may_publish:
            transform(as_of=as_of, wait_s=_WAIT_S, only_if_new=not row_count)


def print_template(settings: Settings, source_id: str) -> None:
    """Print an empty CSV file of an own source; on standard error, what each column is.

    Raises:
        InputError: no such source, or its files have the form of a provider.
    """
    source = importable_source(source_id, settings)
    if not source.is_import_only:
        raise InputError(
            f"{source_id} is read as its provider gives it: there is no template.",
            remedy="docs/data_sources.md says where its files come from.",
        )
    (table,) = source.tables
    for column in table.columns:
        about = [text for text in (column.unit, "required" if column.required else "") if text]
        words = f" ({', '.join(about)})" if about else ""
        sys.stderr.write(f"{column.name}{words}: {column.description}.\n")
    sys.stdout.write(template(table))


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise InputError(f"{text!r} is not KEY=VALUE.", remedy="Write it as --about country=de.")
    return name.strip(), value.strip()
