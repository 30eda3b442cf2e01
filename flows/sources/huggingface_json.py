"""JSON as the Hub may send it: with ``NaN`` or half a surrogate pair in what an author wrote."""

from __future__ import annotations

import json
from typing import Any

import orjson


def loads(body: bytes) -> Any:  # noqa: ANN401
    """The document; a number that JSON does not know is text, so that it is refused in its place.

    Raises:
        ValueError: this is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as strict:
        try:
            found = json.loads(body, parse_constant=str)
            return _encodable(found)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
        except ValueError:
            raise strict from None


def _encodable(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return value
