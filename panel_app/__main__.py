"""Serve the dashboard: ``python -m panel_app --address 127.0.0.1 --port 5006``."""

from __future__ import annotations

import argparse
import errno
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from panel_app.server import serve
from warehouse.settings import get_settings


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the server until it is told to stop."""
    settings = get_settings()
    parser = argparse.ArgumentParser(prog="python -m panel_app", description=__doc__)
    parser.add_argument("--address", default=settings.dashboard_host)
    parser.add_argument("--port", type=int, default=settings.dashboard_port)
    parser.add_argument(
        "--poll-seconds",
        type=float,
        default=5.0,
        help="how often an open page looks for a new build",
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        serve(
            settings,
            address=options.address,
            port=options.port,
            poll_interval_s=options.poll_seconds,
            clock=lambda: datetime.now(UTC),
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.exit(f"Port {options.port} is taken. Choose another with --port.")


if __name__ == "__main__":
    main()
