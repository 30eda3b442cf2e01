"""Spans of time, half open, and the arithmetic that incremental fetching needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Span:
    """From ``start_at`` (in it) to ``end_at`` (not in it), both aware and in UTC."""

    start_at: datetime
    end_at: datetime

    def __post_init__(self) -> None:
        if self.end_at < self.start_at:
            raise ValueError(
                f"a span cannot end ({self.end_at}) before it begins ({self.start_at})"
            )

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end_at - self.start_at


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans that neither touch nor overlap, in order."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_at <= joined[-1].end_at:
            joined[-1] = Span(joined[-1].start_at, max(joined[-1].end_at, span.end_at))
        elif span.length:
            joined.append(span)
    return joined


def subtract(wanted: Span, had: Iterable[Span]) -> list[Span]:
    """What of ``wanted`` is in none of the spans ``had``, in order."""
    left: list[Span] = []
    begin = wanted.start_at
    for span in union(had):
        if span.end_at <= begin or span.start_at >= wanted.end_at:
            continue
        if span.start_at > begin:
            left.append(Span(begin, span.start_at))
        begin = max(begin, span.end_at)
    if begin < wanted.end_at:
        left.append(Span(begin, wanted.end_at))
    return left


def chunks(span: Span, length: timedelta) -> Iterator[Span]:
    """``span`` cut at whole multiples of ``length``, so that the same cuts come again.

    Cutting at fixed instants, not from the span's own start, is what lets an interrupted backfill
    ask for exactly what it still lacks.
    """
    begin = span.start_at
    while begin < span.end_at:
        cut = _EPOCH + ((begin - _EPOCH) // length + 1) * length
        end = min(cut, span.end_at)
        yield Span(begin, end)
        begin = end
