"""Telling somebody, through Prefect's notification blocks: once a problem, and once it is over.

Channels are blocks that are saved in Prefect (``slack-webhook/ops``) and Apprise addresses from the
settings. An address is a secret: what is said of a channel is its name or its kind, and of a
failure to send only what kind of failure it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import httpx
from prefect.blocks.abstract import NotificationBlock, NotificationError
from prefect.blocks.core import Block
from prefect.blocks.notifications import AppriseNotificationBlock
from pydantic import SecretStr

from flows.awaiting import in_own_loop
from flows.progress import warn
from warehouse.problems import Problem, read_problems, write_problems
from warehouse.settings import Settings


@dataclass(frozen=True)
class Channel:
    """One way to somebody. ``send`` takes subject and body and raises if it could not."""

    name: str
    send: Callable[[str, str], None]


@dataclass(frozen=True)
class Told:
    """What a round of telling did: problems that are new, and those that are over."""

    fresh: tuple[Problem, ...]
    over: tuple[Problem, ...]


def channels_of(settings: Settings) -> tuple[list[Channel], list[Problem]]:
    """The channels that the settings name, and a problem for each that cannot be used."""
    channels, problems = [], []
    for name in settings.alert_blocks:
        try:
            channels.append(_of_block(name))
        except (ValueError, TypeError, KeyError, httpx.HTTPError) as error:
            problems.append(
                Problem(
                    f"channel:{name}",
                    f"alerts cannot be sent to the block {name}",
                    f"Prefect could not load it ({type(error).__name__}).",
                    "Create it in the Prefect UI (Blocks), or take it out of "
                    "JOULEHOUSE_ALERT_BLOCKS.",
                )
            )
    channels += [_of_url(number, url) for number, url in enumerate(settings.alert_urls, start=1)]
    return channels, problems


def tell(
    settings: Settings, found: Iterable[Problem], channels: Sequence[Channel], now: datetime
) -> Told:
    """Tell each channel of the problems that it does not know yet and of those that are over.

    A channel that cannot be reached is told at the next round.
    """
    known = {problem.key: problem for problem in read_problems(settings)}
    open_now = {
        problem.key: replace(
            problem,
            since=known[problem.key].since if problem.key in known else now.isoformat(),
            told=known[problem.key].told if problem.key in known else (),
        )
        for problem in found
    }
    over = {key: problem for key, problem in known.items() if key not in open_now}
    fresh = tuple(problem for key, problem in open_now.items() if key not in known)
    ended = tuple(over.values())
    for channel in channels:
        untold = [problem for problem in open_now.values() if channel.name not in problem.told]
        if untold and _send(channel, *_alert(untold)):
            for problem in untold:
                open_now[problem.key] = replace(problem, told=(*problem.told, channel.name))
        good_news = [problem for problem in over.values() if channel.name in problem.told]
        if good_news and _send(channel, *_note(good_news, now)):
            for problem in good_news:
                rest = tuple(name for name in problem.told if name != channel.name)
                over[problem.key] = replace(problem, told=rest)
    names = {channel.name for channel in channels}
    waiting = [problem for problem in over.values() if names.intersection(problem.told)]
    write_problems(settings, [*open_now.values(), *waiting])
    return Told(fresh, ended)


def _alert(problems: Sequence[Problem]) -> tuple[str, str]:
    subject = (
        f"Joulehouse: {problems[0].title}"
        if len(problems) == 1
        else f"Joulehouse: {len(problems)} problems"
    )
    parts = [
        f"{problem.title} (since {problem.since[:16]}Z)\n{problem.detail}\nTo do: {problem.remedy}"
        for problem in problems
    ]
    return subject, "\n\n".join(parts)


def _note(problems: Sequence[Problem], now: datetime) -> tuple[str, str]:
    subject = (
        f"Joulehouse: over: {problems[0].title}"
        if len(problems) == 1
        else f"Joulehouse: {len(problems)} problems are over"
    )
    parts = [
        f"Over: {problem.title} (from {problem.since[:16]}Z to {now:%Y-%m-%dT%H:%M}Z)"
        for problem in problems
    ]
    return subject, "\n".join(parts)


def _send(channel: Channel, subject: str, body: str) -> bool:
    try:
        channel.send(subject, body)
    except (NotificationError, httpx.HTTPError, ValueError, OSError) as error:
        # Neither the error's text nor the address: both may hold the secret.
        status = (
            f" {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else ""
        )
        warn(
            f"the alert channel {channel.name} could not be reached "
            f"({type(error).__name__}{status}); it is tried again"
        )
        return False
    return True


def _of_block(name: str) -> Channel:
    block: object = in_own_loop(lambda: Block.load(name))
    if not isinstance(block, NotificationBlock):
        raise TypeError(f"{name} is no notification block")

    return Channel(name, partial(_notify, block))


def _of_url(number: int, url: SecretStr) -> Channel:
    scheme = url.get_secret_value().partition(":")[0]

    def send(subject: str, body: str) -> None:
        _notify(AppriseNotificationBlock(url=url), subject, body)

    return Channel(f"address {number} ({scheme})", send)


def _notify(block: NotificationBlock, subject: str, body: str) -> None:
    with block.raise_on_failure():
        in_own_loop(lambda: block.notify(body, subject))
