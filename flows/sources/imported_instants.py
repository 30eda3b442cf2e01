"""Instants as users write them, as instants in UTC: text with or without an offset, or typed."""

from __future__ import annotations

import polars as pl

INSTANT = pl.Datetime("us", "UTC")

_FORM = "%Y-%m-%dT%H:%M:%S%.f%:z"


def as_instants(given: pl.Series) -> pl.Series:
    """A column as instants in UTC. What bears no offset is UTC.

    Text is ISO 8601: ``2026-03-01``, ``2026-03-01 08:30``, ``2026-03-01T08:30:00.5+01:00``, or
    with ``Z``; whatever else, such as ``01.03.2026``, of which nobody knows the month, is null.
    """
    if isinstance(given.dtype, pl.Datetime):
        if given.dtype.time_zone is None:
            return given.dt.replace_time_zone("UTC").cast(INSTANT)
        return given.dt.convert_time_zone("UTC").cast(INSTANT)
    if given.dtype == pl.Date:
        return given.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    instants = _full(given.cast(pl.String)).str.to_datetime(_FORM, time_unit="us", strict=False)
    return instants.dt.convert_time_zone("UTC")


def _full(text: pl.Series) -> pl.Series:
    """``2026-03-01T08:30:00+00:00``, with an offset and seconds whether they were given or not."""
    dated = text.str.replace(r"^(\d{4}-\d{2}-\d{2})$", "${1}T00:00:00+00:00")
    joined = dated.str.replace(r"^(\d{4}-\d{2}-\d{2})[ t]+", "${1}T").str.replace("[zZ]$", "+00:00")
    zoned = joined.str.replace(r" *([+-]\d{2})$", "${1}:00").str.replace(
        r" *([+-]\d{2}):?(\d{2})$", "${1}:${2}"
    )
    assumed = zoned.str.replace(r"(T[\d:.]+)$", "${1}+00:00")
    return assumed.str.replace(r"T(\d{2}:\d{2})([+-]\d{2}:\d{2})$", "T${1}:00${2}")
