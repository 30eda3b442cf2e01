"""``joulehouse up``: everything that Joulehouse serves, in one process tree, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from flows.ports import WantedPort, require_free
from flows.prefect_server import (
    Services,
    forget_services,
    prefect_environment,
    running_services,
)
from flows.progress import note, shown_on, warn
from flows.supervisor import Service, Supervisor, interrupted_by_signals, uninterrupted
from flows.tether import end_child, start_child
from warehouse.errors import JoulehouseError, NotPublishedError
from warehouse.journal import Journal
from warehouse.publishing import current_build
from warehouse.settings import Settings


def serve_everything(settings: Settings, *, may_refresh: bool) -> None:
    """Refresh if nothing fresh is published, then serve until a signal ends it.

    Raises:
        JoulehouseError: a port is taken, nothing could be published, or a service keeps dying.
    """
    _require_alone(settings)
    for wanted in _wanted_ports(settings):
        require_free(wanted)
    supervisor = Supervisor()
    with ExitStack() as stack:
        stack.enter_context(shown_on(sys.stdout))
        stack.enter_context(interrupted_by_signals())
        stack.callback(_end, settings, supervisor)
        try:
            supervisor.start(_prefect_server(settings))
            _services(settings).write(settings)
            reason = _reason_to_refresh(settings) if may_refresh else None
            if reason is not None:
                note(f"refreshing: {reason}")
                _refresh(settings)
            supervisor.start(_schedules(settings, may_catch_up=may_refresh and reason is None))
            supervisor.start(_dashboard(settings))
            _say_where_everything_is(settings)
            supervisor.run()
        except KeyboardInterrupt:
            note("ending")


def _require_alone(settings: Settings) -> None:
    services = running_services(settings)
    if services is not None:
        raise JoulehouseError(
            f"`joulehouse up` runs already for {settings.data_dir} (pid {services.pid}): "
            f"dashboard {services.dashboard_url}, Prefect {services.prefect_url}.",
            remedy="Use that one, or end it first.",
        )


def _wanted_ports(settings: Settings) -> list[WantedPort]:
    if settings.dashboard_port == settings.prefect_port:
        raise JoulehouseError(
            f"the dashboard and Prefect are both to listen on port {settings.dashboard_port}.",
            remedy="Choose two: `--dashboard-port` and `--prefect-port`.",
        )
    return [
        WantedPort(
            purpose="the dashboard",
            host=settings.dashboard_host,
            port=settings.dashboard_port,
            option="--dashboard-port",
            variable="JOULEHOUSE_DASHBOARD_PORT",
        ),
        WantedPort(
            purpose="Prefect",
            host=settings.prefect_host,
            port=settings.prefect_port,
            option="--prefect-port",
            variable="JOULEHOUSE_PREFECT_PORT",
        ),
    ]


def _reason_to_refresh(settings: Settings) -> str | None:
    try:
        build = current_build(settings)
    except NotPublishedError:
        return "nothing is published yet"
    published = [r for r in Journal(settings).records() if r.build_id == build.build_id]
    if not published or not published[-1].published_at:
        return f"nobody remembers when build {build.build_id} was published"
    age = datetime.now(UTC) - datetime.fromisoformat(published[-1].published_at)
    if age > timedelta(hours=settings.stale_after_h):
        hours = age.total_seconds() / 3600
        return f"the published build is {hours:.0f} h old, fresh is {settings.stale_after_h:.0f} h"
    return None


def _refresh(settings: Settings) -> None:
    """Refresh in a process of its own: what training takes of memory is given back at its end."""
    child = start_child(
        "flows.cli", ["refresh"], environment={}, folder=settings.project_dir, output=None
    )
    try:
        child.wait()
    finally:
        with uninterrupted():
            end_child(child)
    if child.returncode == 0:
        return
    try:
        build = current_build(settings)
    except NotPublishedError as error:
        raise JoulehouseError(
            "the refresh failed and nothing is published yet, so there is nothing to serve.",
            remedy="See the reason above; `joulehouse doctor` checks this machine.",
        ) from error
    warn(f"the refresh failed; build {build.build_id} is served as it is")


def _prefect_server(settings: Settings) -> Service:
    settings.prefect_home.mkdir(parents=True, exist_ok=True)
    url = _url(settings.prefect_host, settings.prefect_port)
    return Service(
        name="Prefect",
        target="prefect",
        arguments=[
            *("server", "start"),
            *("--host", settings.prefect_host, "--port", str(settings.prefect_port)),
        ],
        # The UI asks the server that it came from, under whatever name it was opened.
        environment=prefect_environment(settings, f"{url}/api") | {"PREFECT_UI_API_URL": "/api"},
        folder=settings.project_dir,
        log_path=settings.logs_dir / "prefect.log",
        health_url=f"{url}/api/health",
    )


def _schedules(settings: Settings, *, may_catch_up: bool) -> Service:
    """The schedules; unless everything was just refreshed, what is due is run at once."""
    url = _url(settings.prefect_host, settings.prefect_port)
    return Service(
        name="schedules",
        target="flows.serve",
        arguments=["--catch-up"] if may_catch_up else [],
        environment=prefect_environment(settings, f"{url}/api") | _as_environment(settings),
        folder=settings.project_dir,
        log_path=settings.logs_dir / "schedules.log",
    )


def _dashboard(settings: Settings) -> Service:
    return Service(
        name="dashboard",
        target="panel_app",
        arguments=[
            *("--address", settings.dashboard_host, "--port", str(settings.dashboard_port)),
        ],
        environment=_as_environment(settings),
        folder=settings.project_dir,
        log_path=settings.logs_dir / "dashboard.log",
        health_url=_url(settings.dashboard_host, settings.dashboard_port),
    )


def _as_environment(settings: Settings) -> dict[str, str]:
    """The settings that the command line may have changed, for a child."""
    return {
        "JOULEHOUSE_DASHBOARD_PORT": str(settings.dashboard_port),
        "JOULEHOUSE_PREFECT_PORT": str(settings.prefect_port),
    }


def _services(settings: Settings) -> Services:
    return Services(
        pid=os.getpid(),
        process_started_at=psutil.Process().create_time(),
        dashboard_url=_url(settings.dashboard_host, settings.dashboard_port),
        prefect_url=_url(settings.prefect_host, settings.prefect_port),
    )


def _say_where_everything_is(settings: Settings) -> None:
    rows = [
        ("dashboard", _shown_url(settings.dashboard_host, settings.dashboard_port)),
        ("Prefect UI", _shown_url(settings.prefect_host, settings.prefect_port)),
        ("warehouse", _shown_path(settings.published_dir / "current.duckdb")),
        ("logs", _shown_path(settings.logs_dir)),
    ]
    note("")
    for name, place in rows:
        note(f"{name:<12} {place}")
    note("")
    note("Ctrl-C ends all of it.")


def _url(host: str, port: int) -> str:
    """Where a process on this machine reaches a server that listens on ``host``."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{reached}:{port}"


def _shown_url(host: str, port: int) -> str:
    return _url(host, port).replace("127.0.0.1", "localhost")


def _shown_path(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _end(settings: Settings, supervisor: Supervisor) -> None:
    with uninterrupted():
        forget_services(settings)
        supervisor.end()
