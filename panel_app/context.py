"""What every page is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from panel_app.data import Data, Predictor
from panel_app.state import AppState


@dataclass(frozen=True)
class Context:
    """The build's data, the reader's choices, the predictions, and the time of day."""

    data: Data
    state: AppState
    predictor: Predictor
    clock: Callable[[], datetime]
    narrow: bool = False
