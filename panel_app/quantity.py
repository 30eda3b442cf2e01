"""Quantities as people type them: ``7B``, ``1.4T``, ``300 billion``, ``3.1e23``, ``7,000``."""

from __future__ import annotations

import math
import re

_SCALES = {
    "": 1.0,
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "g": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "tn": 1e12,
    "trillion": 1e12,
}
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)", re.IGNORECASE)


def parse_quantity(text: str) -> float | None:
    """The number that a text means; None for an empty text.

    Raises:
        ValueError: the text is not a number; the message says what would be.
    """
    compact = text.strip().replace(",", "").replace("\u202f", "").replace("_", "")
    if not compact:
        return None
    match = _QUANTITY.fullmatch(compact)
    scale = _SCALES.get(match[2].lower()) if match else None
    if match is None or scale is None:
        raise ValueError(f"“{text}” is not a number; write 7B, 1.4T, 300 million or 3.1e23")
    number = float(match[1]) * scale
    if not math.isfinite(number):
        raise ValueError(f"“{text}” is too large a number")
    return number
