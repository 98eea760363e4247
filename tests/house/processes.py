"""The running house: processes of the Procfile between a PostgreSQL, a Valkey and a recording LINE.

It is started once for all stories. Between two of them the rows are made new while the processes run on.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
from rq import Queue
from rq.registry import StartedJobRegistry
from sqlalchemy import Engine, func, or_, select

from bot import db
from bot.broker import TURNS
from bot.cli.worker import TAKES
from bot.clock import now
from bot.models import Event, OutboxRow
from bot.services import Services
from bot.settings import Settings
from tests.fakes import FakeLine
from tests.house import procfile
from tests.house.filling import refill
from tests.house.visitor import Door
from tests.running import OUTSIDE, free_ports

PATIENCE = 240.0


class House:
    """What the stories' fixtures need of it: the door, the LINE platform, the settings, and rest."""

    def __init__(self, settings: Settings, line: FakeLine, ports: list[int]) -> None:
        self.settings = settings
        self.door = Door([f"http://127.0.0.1:{port}" for port in ports])
        self._line = line

    def fresh_line(self, profiles: dict[str, str]) -> FakeLine:
        """A platform without memory at the address that the processes know."""
        fresh = FakeLine(profiles=profiles)
        fresh.server = self._line.server
        fresh.server.RequestHandlerClass.platform = fresh  # type: ignore[attr-defined]
        return fresh

    def emptied(self, current: Services, trained: Engine) -> Iterator[Services]:
        """`current`, on rows of its own: those of the trained folder. Afterwards nobody works on the story any more."""
        refill(trained, current.engine)
        yield current
        self.rest(current)
        current.engine.dispose()

    def rest(self, current: Services) -> None:
        """Wait until the processes have done everything that is due."""
        eventually("nothing is due", lambda: not _busy(current), 30)


def _busy(current: Services) -> bool:
    """Rows first: who commits one enqueues its job after it, so a job is looked for after the rows."""
    with db.reading(current.sessions) as session:
        taken = (Event.state == "waiting", Event.due_at <= now(), Event.conversation_id.is_not(None))
        events = select(func.count()).where(*taken)
        speaking = or_(OutboxRow.state == "sending", (OutboxRow.state == "queued") & (OutboxRow.due_at <= now()))
        due = (session.scalar(events) or 0) + (session.scalar(select(func.count()).where(speaking)) or 0)
    return bool(due or _jobs(current))


def _jobs(current: Services) -> int:
    """Jobs that wait, are being handed over, or are in hand."""
    return sum(_jobs_of(current, current.broker.queue(name)) for name in TAKES[TURNS])


def _jobs_of(current: Services, queue: Queue) -> int:
    handed = int(current.broker.redis.llen(queue.intermediate_queue_key))
    return queue.count + handed + StartedJobRegistry(queue=queue).get_job_count(cleanup=False)


def eventually(what: str, true: Callable[[], bool], seconds: float) -> None:
    waiting, limit = threading.Event(), time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, f"not within {seconds} s: {what}"
        waiting.wait(0.02)


@contextlib.contextmanager
def running(settings: Settings, line: FakeLine) -> Iterator[House]:
    """Start every line of the Procfile; at the end all are still there, and stop when asked."""
    first, folder = free_ports(), settings.data
    ports = {"web.1": first, "web.2": first + 1}
    started: list[procfile.Started] = []
    try:
        for name, command in procfile.copies():
            environment = _environment(settings, ports.get(name, first), first + 2)
            started.append(procfile.start(name, command, environment, folder))
        for port in ports.values():
            _until_ready(port, started)
        yield House(settings, line, list(ports.values()))
        procfile.stop(started)
    finally:
        for one in started:
            if one.process.poll() is None:
                one.process.kill()
                one.process.wait()


def _environment(settings: Settings, port: int, stream: int) -> dict[str, str]:
    """What an operator sets; the rest of the machine's environment may not leak in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OUTSIDE)}
    metrics = settings.data / "metrics"
    metrics.mkdir(exist_ok=True)
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "STREAM_PORT": str(stream),
        "FRONTLINE_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "LINE_CHANNEL_SECRET": settings.line_channel_secret,
        "LINE_CHANNEL_ACCESS_TOKEN": settings.line_channel_access_token,
        "LINE_API_BASE": settings.line_api_base,
        "LINE_DATA_API_BASE": settings.line_api_base,
        "OPEN_HOURS": settings.open_hours,
        "FRAGMENT_WAIT_MS": str(settings.fragment_wait_ms),
    }


def _until_ready(port: int, started: list[procfile.Started]) -> None:
    def ready() -> bool:
        for one in started:
            assert one.process.poll() is None, one.told()
        try:
            return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    eventually(f"port {port} is ready", ready, PATIENCE)
