"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """One finding: ``failed`` keeps Joulehouse from working, ``warning`` does not."""

    name: str
    state: Literal["ok", "warning", "failed"]
    found: str
    remedy: str = ""
