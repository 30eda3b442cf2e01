"""What a model depends on beside its data: the package's code, the libraries, the feature SQL."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from ml.artifacts import library_versions
from ml.tasks import Task
from warehouse.errors import ArtifactError
from warehouse.read import Queryable

_LENGTH = 12


@lru_cache(maxsize=1)
def code_version() -> str:
    """Hash of this package's sources and of the libraries that a model is made with."""
    digest = hashlib.sha256(repr(sorted(library_versions().items())).encode())
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_LENGTH]


def feature_version(warehouse: Queryable, task: Task) -> str:
    """Hash of the SQL of the task's feature function and of every function that it calls.

    Raises:
        ArtifactError: the warehouse has no such function.
    """
    found = warehouse.query(
        "select function_name, any_value(macro_definition) as body from duckdb_functions() "
        "where database_name = current_database() and not internal and macro_definition is not "
        "null group by all order by all"
    )
    bodies = dict(found.iter_rows())
    if task.feature_function not in bodies:
        raise ArtifactError(
            f"the warehouse has no function {task.feature_function}.",
            remedy="Run `joulehouse refresh` to build it.",
        )
    digest = hashlib.sha256()
    waiting, seen = [task.feature_function], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        words = set(re.findall(r"\w+", bodies[name]))
        waiting.extend(sorted(words & bodies.keys()))
    for name in sorted(seen):
        digest.update(f"{name}:{bodies[name]}\n".encode())
    return digest.hexdigest()[:_LENGTH]
