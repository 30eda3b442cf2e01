"""``joulehouse export``: tables of the published warehouse as files that can be cited."""

from __future__ import annotations

import difflib
import hashlib
import shutil
import sys
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flows.export_documents import Described, write_citation, write_dictionary, write_readme
from flows.progress import shown_on, step
from warehouse.errors import InputError
from warehouse.exporting import FileFormat, export_table, source_ids
from warehouse.read import PublishedWarehouse
from warehouse.settings import Settings

_CHECKSUMS = "SHA256SUMS"


def export_tables(
    settings: Settings, table_names: Sequence[str], folder: Path, file_format: FileFormat
) -> None:
    """Write tables of one build to a new folder; none named means every one.

    The folder appears when everything is in it. The same build gives the same bytes.

    Raises:
        InputError: there is no such table, or the folder is there already.
        NotPublishedError: nothing was published yet.
        QueryError: a table cannot be read or written.
    """
    folder = folder.absolute()
    warehouse = PublishedWarehouse.open(settings).pinned()
    chosen = _chosen(table_names, warehouse.tables())
    _refuse_what_is_there(folder)
    build_id = warehouse.build.build_id
    unfinished = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.tmp")
    try:
        unfinished.mkdir(parents=True)
        with shown_on(sys.stdout):
            described = [
                _exported(warehouse, name, unfinished, file_format, build_id) for name in chosen
            ]
        write_citation(described, unfinished, build_id, _release_day(build_id))
        write_readme(described, unfinished, build_id, file_format)
        _write_checksums(unfinished)
        unfinished.replace(folder)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written: {error.strerror or error}.",
            remedy="Name a folder where you may write and where there is room.",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    count = sum(one.table.row_count for one in described)
    sys.stdout.write(
        f"exported {len(described)} table{'' if len(described) == 1 else 's'}, {count:,} rows of "
        f"build {build_id} to {folder}\n"
    )


def _exported(
    warehouse: PublishedWarehouse,
    table_name: str,
    folder: Path,
    file_format: FileFormat,
    build_id: str,
) -> Described:
    with step(f"export {table_name}") as current:
        grain = _grain(warehouse, table_name)
        path = folder / f"{table_name}.{file_format}"
        about = {"joulehouse_build_id": build_id, "joulehouse_grain": grain}
        written = export_table(warehouse, table_name, path, file_format, about=about)
        found = source_ids(warehouse, table_name)
        described = Described(
            written, grain, _columns(warehouse, table_name), _sources(warehouse, table_name, found),
            has_source_column=found is not None,
        )  # fmt: skip
        write_dictionary(described, folder, build_id)
        current.detail = f"{written.row_count:,} rows, {path.stat().st_size / 1e6:,.1f} MB"
    return described


def _chosen(asked: Sequence[str], known: Sequence[str]) -> list[str]:
    """The tables asked for, each once, in their order."""
    for name in asked:
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=3) or [k for k in known if name in k][:3]
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        raise InputError(
            f"there is no table {name!r}.",
            remedy=f'{meant}`joulehouse sql "select distinct table_name from meta_columns"` '
            "lists them.",
        )
    return list(dict.fromkeys(asked or known))


def _refuse_what_is_there(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder} is there already.",
            remedy="Name a new folder, or an empty one: an export never overwrites another.",
        )


def _grain(warehouse: PublishedWarehouse, table_name: str) -> str:
    found = warehouse.query(
        """
        select comment from duckdb_tables()
        where schema_name = 'main' and database_name = current_database() and table_name = $name
        union all
        select comment from duckdb_views()
        where schema_name = 'main' and database_name = current_database() and view_name = $name
        """,
        {"name": table_name},
    )["comment"].to_list()
    return str(found[0]) if found and found[0] else ""


def _columns(warehouse: PublishedWarehouse, table_name: str) -> list[dict[str, Any]]:
    return warehouse.query(
        "select column_position, column_name, data_type, unit, description "
        "from meta_columns where table_name = ? order by column_position",
        [table_name],
    ).to_dicts()


def _sources(
    warehouse: PublishedWarehouse, table_name: str, found: list[str] | None
) -> list[dict[str, Any]]:
    if found is None and table_name.startswith("meta_"):
        return []  # it describes the warehouse and holds no provider's figures
    return warehouse.query(
        "select * from meta_sources where list_contains($ids, source_id) "
        "or ($ids is null and row_count > 0) order by source_id",
        {"ids": found},
    ).to_dicts()


def _release_day(build_id: str) -> date:
    """The day in a build id such as 000042-20261122T060000Z."""
    clock = build_id.partition("-")[2].partition("T")[0]
    return datetime.strptime(clock, "%Y%m%d").date()  # noqa: DTZ007


def _write_checksums(folder: Path) -> None:
    lines = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as body:
            lines.append(f"{hashlib.file_digest(body, 'sha256').hexdigest()}  {path.name}\n")
    (folder / _CHECKSUMS).write_text("".join(lines), encoding="utf-8")
