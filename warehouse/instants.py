"""Instants as the warehouse keeps them: UTC, without zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl


def naive(value: Any) -> Any:  # noqa: ANN401
    """Instants as UTC without zone, as the warehouse keeps them; all else as it is."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every zone-aware column in UTC, without zone."""
    zoned = [
        name
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_zone
    ]
    return frame.with_columns(
        pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None) for name in zoned
    )
