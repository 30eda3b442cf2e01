"""Prefect's asynchronous calls from where no event loop runs, or an unknown one does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from inspect import isawaitable
from typing import Any


def in_own_loop(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the call gives
    """Make a call in a thread with an event loop of its own, and wait for its answer.

    Prefect answers such a call with a coroutine or with the value, as its kind of call does.
    """

    async def run() -> Any:  # noqa: ANN401
        answer = call()
        return await answer if isawaitable(answer) else answer

    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(lambda: asyncio.run(run())).result()
