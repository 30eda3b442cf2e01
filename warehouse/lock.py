"""One writer at a time: an operating-system file lock that the death of its process frees."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from warehouse.errors import LockedError
from warehouse.settings import Settings


@contextmanager
def writer_lock(settings: Settings) -> Iterator[None]:
    """Hold the right to write the warehouse.

    Waits ``settings.lock_timeout_s`` for another writer to finish.

    Raises:
        LockedError: another process holds it; the message names its process id.
    """
    path = settings.lock_path
    path.parent.mkdir(parents=True, exist_ok=True)
    holder_path = path.with_suffix(".pid")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=settings.lock_timeout_s)
    except Timeout as error:
        holder = holder_path.read_text().strip() if holder_path.exists() else "unknown"
        raise LockedError(
            f"another process (pid {holder}) is writing the warehouse.",
            remedy="Wait for it to end, or set JOULEHOUSE_LOCK_TIMEOUT_S to wait here.",
        ) from error
    try:
        holder_path.write_text(str(os.getpid()))
        yield
    finally:
        holder_path.unlink(missing_ok=True)
        lock.release()
