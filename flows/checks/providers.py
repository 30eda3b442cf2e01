"""Checks of the access keys, and of the way to every provider that is asked over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from flows.checks.check import Check
from flows.circuit import Circuit
from flows.selection import key_state
from flows.source_states import is_enabled
from flows.sources.http import USER_AGENT
from flows.sources.protocol import Source
from flows.sources.registry import SOURCES
from flows.urls import without_secrets
from warehouse.environment import read_variable
from warehouse.settings import Settings

_TIMEOUT_S = 5.0
_AT_ONCE = 8


def check_keys(settings: Settings) -> Iterator[Check]:
    """The access keys that sources need, and those that would give more."""
    by_state: dict[str, list[str]] = {"set": [], "missing": [], "optional": []}
    for source in SOURCES.values():
        state = key_state(source, settings)
        if state != "not needed":
            names = [name for name in (source.key_env, *source.login_env) if name]
            by_state[state].append(f"{source.source_id} ({', '.join(names)})")
    if not any(by_state.values()):
        yield Check("keys", "ok", "no source needs one")
        return
    if by_state["set"]:
        yield Check("keys", "ok", f"set: {', '.join(by_state['set'])}")
    if by_state["missing"]:
        found = f"not set, so these sources are left out: {', '.join(by_state['missing'])}"
        remedy = "Set them in the environment or in .env; every other source works without."
        yield Check("keys", "warning", found, remedy)
    if by_state["optional"]:
        found = f"not set, and not needed: {', '.join(by_state['optional'])}"
        yield Check("keys", "ok", found)


def check_providers(settings: Settings) -> Iterator[Check]:
    """Each enabled source's address answers, whatever it says. Silence is a warning."""
    asked = [
        (source, address)
        for source in SOURCES.values()
        if is_enabled(settings, source) and (address := _address(settings, source))
    ]
    if not asked:
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        reasons = pool.map(lambda pair: _why_silent(pair[1]), asked)
        found = [(*pair, reason) for pair, reason in zip(asked, reasons, strict=True)]
    answering = [source.source_id for source, _, reason in found if not reason]
    if answering:
        yield Check("providers", "ok", f"{len(answering)} answer: {', '.join(answering)}")
    for source, address, reason in found:
        if reason:
            yield Check(
                "providers",
                "warning",
                f"{source.source_id} at {without_secrets(address)}: {reason}",
                f"Check the network and the proxy, or {source.base_url_env}; its earlier rows "
                "stay, and it is asked again by itself.",
            )


def check_circuits(settings: Settings) -> Iterator[Check]:
    """Sources that failed so often that they are left alone for a while."""
    for source_id in SOURCES:
        circuit = Circuit(settings, source_id)
        if circuit.state(datetime.now(UTC)) != "closed":
            yield Check(
                "circuits",
                "warning",
                f"{source_id} failed {circuit.failures} times in a row: {circuit.reason[:200]}",
                f"To ask it now: `joulehouse refresh --source {source_id}`.",
            )


def _address(settings: Settings, source: Source) -> str:
    """Where the source is asked over HTTP; empty for an archive that pip fetches."""
    if not source.base_url:
        return ""
    address = read_variable(settings, source.base_url_env) or source.base_url
    return address if urlsplit(address).scheme in ("http", "https") else ""


def _why_silent(address: str) -> str:
    """Empty if anything answers there: without key and path, a refusal is an answer, too."""
    try:
        with httpx.stream(
            "GET", address, timeout=_TIMEOUT_S, headers={"User-Agent": USER_AGENT}
        ) as response:
            return f"answered {response.status_code}" if response.status_code >= 500 else ""
    except httpx.TimeoutException:
        return f"no answer within {_TIMEOUT_S:g} s"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"not reached ({type(error).__name__})"
