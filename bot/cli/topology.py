"""Which programs make up Frontline. Procfile and docker-compose.yml say the same; a test compares them."""

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.cli.supervisor import Program
from bot.settings import Settings

STREAM_OFFSET = 1
SIMULATOR_OFFSET = 2
MEMORY = Path("/dev/shm")
GUNICORN = "gunicorn --config python:bot.cli.gunicorn"
WEB = "--bind ${HOST}:${PORT} --workers 2 --threads 16 webhook_app:app"
STREAM = "--bind ${HOST}:${STREAM_PORT} --workers 1 --threads 1100 handoff.stream.process:app"

# One line a process; several of a kind have a number.
COMMANDS = {
    "web": f"{GUNICORN} {WEB}",
    "worker": "frontline worker turns",
    "files": "frontline worker files",
    "builder": "frontline worker builds",
    "ticker": "frontline ticker",
    "stream": f"{GUNICORN} {STREAM}",
}
DEMO_COMMANDS = {"simulator": "frontline simulator"}
COPIES = {"worker": 2}


def ports(settings: Settings) -> dict[str, int]:
    """The ports of this run, by what listens there."""
    taken = {"web": settings.port, "stream": settings.port + STREAM_OFFSET}
    return taken | ({"simulator": settings.port + SIMULATOR_OFFSET} if settings.demo else {})


def address(settings: Settings) -> str:
    """Where this machine itself reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(settings.host, settings.host)


def environment(settings: Settings) -> dict[str, str]:
    """What the programs find in their environment."""
    here, stream, simulator = (
        address(settings),
        settings.port + STREAM_OFFSET,
        settings.port + SIMULATOR_OFFSET,
    )
    demo = {"SIMULATOR_URL": f"http://127.0.0.1:{simulator}"} if settings.demo else {}
    return {
        **os.environ,
        **demo,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        # Idle threads of a shared machine spin: one text took 210 ms instead of 30 with two.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # Threads with heaps of their own keep what they freed: a quarter of what an open event stream costs.
        "MALLOC_ARENA_MAX": "1",
        "FRONTLINE_DATA": str(settings.data),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics_folder(settings)),
        "METRICS_PORT": "",  # /metrics counts for all of this machine
        "HOST": settings.host,
        "PORT": str(settings.port),
        "STREAM_PORT": str(stream),
        "STREAM_URL": settings.stream_url or f"http://{here}:{stream}",
    }


def metrics_folder(settings: Settings) -> Path:
    """Where processes count, in memory if possible: the files are mapped, and on a full disk counting would kill."""
    if not os.access(MEMORY, os.W_OK):
        return settings.data / "metrics"
    name = hashlib.sha256(os.fsencode(settings.data)).hexdigest()[:16]
    return MEMORY / f"frontline-metrics-{os.getuid()}-{name}"


def programs(settings: Settings, values: Mapping[str, str]) -> list[Program]:
    """Every program to start, its command filled in from `values`."""
    commands = COMMANDS | (DEMO_COMMANDS if settings.demo else {})
    return [
        Program(f"{name}.{copy}" if COPIES.get(name, 1) > 1 else name, _words(command, values))
        for name, command in commands.items()
        for copy in range(1, COPIES.get(name, 1) + 1)
    ]


def _words(command: str, values: Mapping[str, str]) -> tuple[str, ...]:
    for name in ("HOST", "PORT", "STREAM_PORT"):
        command = command.replace(f"${{{name}}}", values[name])
    return tuple(command.split())
