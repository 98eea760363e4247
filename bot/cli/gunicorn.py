"""Gunicorn's settings (`--config python:bot.cli.gunicorn`), shared by the web and the stream process."""

import gc
import os
from collections.abc import Callable
from typing import Any

from bot.cli import garbage
from bot.cli.leash import hold

worker_class = "gthread"
worker_connections = 2000  # above the threads of the stream: the rest may be kept alive
timeout = 60
graceful_timeout = 3  # an open event stream never ends by itself; its reader resumes
keepalive = 75
loglevel = "warning"
control_socket_disable = True
secure_scheme_headers: dict[str, str] = {}  # `bot.web.proxies` says whose word on HTTPS counts


def on_starting(server: Any) -> None:
    """The arbiter's own lines are JSON too."""
    from bot.log import configure

    configure("gunicorn")


def when_ready(server: Any) -> None:
    """Workers are forked from here on. Looking through what they inherit for garbage would copy all its pages."""
    gc.freeze()


def load(make: Callable[[], Any]) -> Any:
    """Make an application. What the operator can mend stops the arbiter with one line, not a traceback."""
    import click
    from gunicorn.errors import AppImportError  # type: ignore[import-untyped]

    try:
        return make()
    except click.ClickException as wrong:
        raise AppImportError(wrong.format_message()) from wrong


def post_fork(server: Any, worker: Any) -> None:
    """Tie the worker to its arbiter."""
    hold(server.pid)


def post_worker_init(worker: Any) -> None:
    """The application is loaded."""
    garbage.settle()


def child_exit(server: Any, worker: Any) -> None:
    """Let the metrics of a dead worker go."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
