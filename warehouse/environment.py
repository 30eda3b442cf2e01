"""Variables that are not settings: the providers' addresses and keys.

They keep the names that the providers' own tools use (``HF_TOKEN``, ``EIA_API_KEY``), so they have
no prefix and are read by name, from the environment or the ``.env`` file.
"""

from __future__ import annotations

import os

from dotenv import dotenv_values

from warehouse.settings import Settings


def read_variable(settings: Settings, name: str) -> str | None:
    """The value of a variable, or None if it is unset or empty. The environment goes first."""
    if not name:
        return None
    found = os.environ.get(name) or dotenv_values(settings.project_dir / ".env").get(name)
    return found.strip() if found and found.strip() else None
