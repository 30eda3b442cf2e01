"""Whether the marts in the build file stand on exactly what is there now.

If no raw row, no line of SQL and no version differs from the last successful build, dbt would
make the same tables again; a refresh with nothing new leaves that out. What changes with every
run (the bookkeeping, and what stands on predictions) is always built.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from flows.sources.registry import SOURCES
from warehouse.files import write_atomically
from warehouse.read import BuildWarehouse
from warehouse.run import Run
from warehouse.settings import Settings

_LIBRARIES = ("dbt-core", "dbt-duckdb", "duckdb")
_CLOCK = b"JOULEHOUSE_AS_OF"


def are_current(settings: Settings, run: Run) -> bool:
    """Whether the last successful build of the marts was made from the same."""
    path = _path(settings)
    return path.exists() and path.read_text() == _fingerprint(settings, run)


def is_same_code(settings: Settings) -> bool:
    """Whether no line of SQL and no version changed since the last successful build."""
    path = _code_path(settings)
    return path.exists() and path.read_text() == _code_fingerprint(settings)


def changed_tables(settings: Settings) -> list[str] | None:
    """The raw tables of the sources that loaded something since the last successful build.

    None if that cannot be said, so that everything has to be built: the code or what is said of the
    sources changed, or the last build failed.
    """
    path = _sources_path(settings)
    if not path.exists() or not is_same_code(settings):
        return None
    then, now = json.loads(path.read_text()), _source_digests(settings)
    if then[""] != now[""] or not set(now) <= {"", *SOURCES}:
        return None
    changed = [source_id for source_id in now if now[source_id] != then.get(source_id)]
    return sorted({table.name for source_id in changed for table in SOURCES[source_id].tables})


def forget(settings: Settings) -> None:
    """Say that the marts are in no known state: dbt is about to change them."""
    _path(settings).unlink(missing_ok=True)
    _sources_path(settings).unlink(missing_ok=True)


def remember(settings: Settings, run: Run) -> None:
    """Say that the marts stand on what is there now."""
    write_atomically(_code_path(settings), _code_fingerprint(settings).encode())
    write_atomically(_sources_path(settings), json.dumps(_source_digests(settings)).encode())
    write_atomically(_path(settings), _fingerprint(settings, run).encode())


def _source_digests(settings: Settings) -> dict[str, str]:
    """A digest of the loads of each source; under the empty name that of what is said of them."""
    rows = BuildWarehouse(settings).query(
        """
        select source_id, concat(count(*), ' ', bit_xor(hash(loads))) as digest
        from raw.loads as loads group by source_id
        union all
        select '', concat(count(*), ' ', bit_xor(hash(sources))) from raw.sources as sources
        """
    )
    return dict(rows.iter_rows())


def _fingerprint(settings: Settings, run: Run) -> str:
    """Hash of everything that the marts are made from.

    That is the loads (with the run that made each, so that a new file never looks like an old
    one), what is said of the sources, the dbt project, the versions, and the run's clock if the
    project reads it.
    """
    digest = hashlib.sha256(_code_fingerprint(settings).encode())
    for table in ("raw.loads", "raw.sources"):
        # Digested by DuckDB: a year of grid fetches is a million loads, too many to carry here.
        rows = BuildWarehouse(settings).query(
            f"select count(*) as row_count, bit_xor(hash(t)) as digest from {table} as t"
        )
        digest.update(rows.write_csv().encode())
    if any(_CLOCK in path.read_bytes() for path in _project_files(settings.dbt_dir)):
        digest.update(run.as_of.isoformat().encode())
    return digest.hexdigest()


def _code_fingerprint(settings: Settings) -> str:
    """Hash of the dbt project and the versions of what runs it."""
    digest = hashlib.sha256()
    for name in _LIBRARIES:
        digest.update(f"{name}=={version(name)}\n".encode())
    for path in _project_files(settings.dbt_dir):
        digest.update(f"{path.relative_to(settings.dbt_dir).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _project_files(dbt_dir: Path) -> list[Path]:
    written_by_dbt = {dbt_dir / name for name in ("target", "logs", "dbt_packages")}
    return sorted(
        path
        for path in dbt_dir.rglob("*")
        if path.is_file() and not written_by_dbt.intersection(path.parents)
    )


def _path(settings: Settings) -> Path:
    return settings.build_path.with_name("marts.sha256")


def _sources_path(settings: Settings) -> Path:
    return settings.build_path.with_name("marts_sources.json")


def _code_path(settings: Settings) -> Path:
    return settings.build_path.with_name("marts_code.sha256")
