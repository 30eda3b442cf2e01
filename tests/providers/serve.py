"""``make providers``: play every provider on a fixed port until Ctrl-C.

The variables that it prints point ``joulehouse`` here. The clock is the machine's own, unless
``--now`` sets another; the platform's is set by ``joulehouse refresh --as-of``.
"""

from __future__ import annotations

import argparse
import importlib.util
import shlex
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent


def load_framework() -> None:
    """Make this folder the package ``local_providers``."""
    spec = importlib.util.spec_from_file_location(
        "local_providers", HERE / "framework.py", submodule_search_locations=[str(HERE)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["local_providers"] = module
    spec.loader.exec_module(module)


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, prog="make providers")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--now", type=datetime.fromisoformat, help="the simulated clock, ISO")
    parser.add_argument("--only-print", action="store_true", help="print the variables and end")
    arguments = parser.parse_args()
    load_framework()
    from local_providers.server import ProviderServer

    now = arguments.now.astimezone(UTC) if arguments.now else lambda: datetime.now(UTC)
    write = sys.stdout.write
    server = ProviderServer(now, 0 if arguments.only_print else arguments.port)
    server.port = arguments.port or server.port
    variables = sorted(server.environment().items())
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables)
    if arguments.only_print:
        write(exports)
        server.stop()
        return
    with server:
        write(f"# {len(server.source_ids)} providers on http://127.0.0.1:{server.port}/<source>\n")
        write(f"# In another shell, with keys that only this server knows:\n{exports}")
        write("# then: joulehouse refresh\n# Ctrl-C ends it.\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            write("\n")


if __name__ == "__main__":
    main()
