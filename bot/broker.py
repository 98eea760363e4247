"""Waking others: RQ jobs after a commit, and hints to the event stream. Redis holds no truth.

Whatever cannot be enqueued is still a due row, which the sweeper takes; so losing Redis loses nothing.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import structlog
from prometheus_client import Counter
from redis import Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from bot.errors import BrokerAway, JobTimedOut
from bot.settings import Settings

SENDS = "sends"
TURNS = "turns"
FILES = "files"
BUILDS = "builds"
QUEUES = (SENDS, TURNS, FILES, BUILDS)
JOB_TIMEOUT = {SENDS: 30, TURNS: 30, FILES: 90, BUILDS: 1800}
WAKEUPS = "frontline:wakeups"
HINTS = "frontline:hints"
PENDING = "after_commit"
AWAY_SECONDS = 3.0
RESTART_TRIES = 15  # with growing pauses, ten seconds: longer than a restart of Redis takes
TICKER_BEAT = "frontline:ticker"
BEAT_SECONDS = 15
SOCKET_PATH_LIMIT = 104  # macOS's; Linux allows four more

log = structlog.get_logger()
lost = Counter("frontline_enqueue_failures_total", "Jobs that could not be enqueued; the sweeper takes them")


def socket_path(data: Path) -> Path:
    """The embedded Valkey's socket: in the data folder, unless its path is too long for a socket's address."""
    inside = data / "valkey.sock"
    if len(os.fsencode(inside)) < SOCKET_PATH_LIMIT:
        return inside
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"frontline-{os.getuid()}-{name}.sock"


def redis_url(settings: Settings) -> str:
    """REDIS_URL, or the socket of the embedded Valkey."""
    return settings.redis_url or f"unix://{quote(str(socket_path(settings.data)))}"


@lru_cache(maxsize=4)
def connection(url: str) -> Redis:
    """The pool of those who wait for Redis: workers, who outlive its restart."""
    return Redis.from_url(
        url,
        socket_connect_timeout=1,
        socket_timeout=35,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), RESTART_TRIES),
    )


@lru_cache(maxsize=4)
def hasty_connection(url: str) -> Redis:
    """The pool of those who wake others and must not wait: a webhook is answered whatever Redis does."""
    return Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 0))


class TimesUp(UnixSignalDeathPenalty):
    """RQ's alarm, which ends work whatever that tries meanwhile and however it deals with failures."""

    def handle_death_penalty(self, *_: Any) -> None:
        if self._exception is JobTimeoutException:
            raise JobTimedOut
        super().handle_death_penalty(*_)  # type: ignore[no-untyped-call]


def at_most(seconds: int) -> TimesUp:
    """What is done within ends with JobTimedOut after so many seconds; in a process's main thread only."""
    return TimesUp(seconds, JobTimeoutException)  # type: ignore[no-untyped-call]


class Job(NamedTuple):
    """A dotted name to call with ids, and the queue whose worker does it.

    `enough`: that many jobs waiting in the queue will find this one's work too, so it need not be among them.
    """

    task: str
    ids: tuple[int, ...]
    queue: str
    enough: int | None = None


class Broker:
    """Enqueues and wakes on one Redis."""

    def __init__(self, settings: Settings) -> None:
        self.redis = connection(redis_url(settings))
        self._hasty = hasty_connection(redis_url(settings))
        self._outlets = {name: self._outlet(name) for name in QUEUES}
        self._away_until = 0.0

    def _outlet(self, name: str) -> Queue:
        return Queue(name, connection=self._hasty, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT[name])

    def queue(self, name: str) -> Queue:
        """A queue as its worker takes from it."""
        return Queue(name, connection=self.redis, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT[name])

    @property
    def hasty(self) -> Redis:
        """For those who must not wait, to be used within `hurry`."""
        return self._hasty

    def away(self) -> bool:
        """Whether Redis did not answer just now."""
        return time.monotonic() < self._away_until

    def enqueue(self, task: str, *ids: int, queue: str = TURNS) -> bool:
        """Enqueue the dotted name `task` with ids. False (and counted) when Redis is away or slow."""
        return self.enqueue_all([Job(task, ids, queue)])

    def enqueue_all(self, jobs: Sequence[Job]) -> bool:
        """Enqueue jobs, unless there are enough, and hint to the streams."""

        def call() -> None:
            with self._hasty.pipeline(transaction=False) as pipe:
                for job in self._wanted(jobs):
                    self._outlets[job.queue].enqueue(
                        job.task, args=job.ids, result_ttl=0, failure_ttl=60, description=job.task, pipeline=pipe
                    )
                pipe.publish(WAKEUPS, "1")
                pipe.execute()

        done = self.hurry(call)
        if not done:
            lost.inc(len(jobs))
        return done

    def _wanted(self, jobs: Sequence[Job]) -> list[Job]:
        """Without those that waiting jobs make needless: these begin later, so they see all that is committed now."""
        waiting = {job.queue: self._outlets[job.queue].count for job in jobs if job.enough is not None}
        wanted = []
        for job in jobs:
            if job.enough is None or waiting[job.queue] < job.enough:
                wanted.append(job)
                waiting[job.queue] = waiting.get(job.queue, 0) + 1
        return wanted

    def backlog(self, queue: str = TURNS) -> int:
        """How many jobs wait in a queue; 0 when Redis is away."""
        found: list[int] = []
        self.hurry(lambda: found.append(self._outlets[queue].count))
        return sum(found)

    def beat(self) -> None:
        """The ticker is at work; it says so every few seconds."""
        self.hurry(lambda: self._hasty.set(TICKER_BEAT, 1, ex=BEAT_SECONDS))

    def ticks(self) -> bool:
        """Whether a ticker said lately that it is at work; raises BrokerAway when Redis is away."""
        try:
            return bool(self._hasty.exists(TICKER_BEAT))
        except RedisError as error:
            raise BrokerAway(type(error).__name__) from error

    def hurry(self, call: Callable[[], object]) -> bool:
        """Do a call if Redis answers at once. After a failure nobody asks again for a moment: all would wait."""
        if self.away():
            return False
        try:
            call()
        except RedisError as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            log.warning("broker.away", error=type(error).__name__)
            return False
        return True

    def after_commit(
        self, session: Session, task: str, *ids: int, queue: str = TURNS, enough: int | None = None
    ) -> None:
        """Enqueue `task` once, when the session's transaction has been committed; never when it rolls back."""
        job = Job(task, ids, queue, enough)
        pending = self._pending(session)
        if job not in pending:
            pending.append(job)

    def wake_after_commit(self, session: Session) -> None:
        """Hint to the event streams once the session's transaction has been committed."""
        self._pending(session)

    def _pending(self, session: Session) -> list[Job]:
        pending: list[Job] = session.info.setdefault(PENDING, [])
        return pending

    def attend(self, sessions: sessionmaker[Session]) -> None:
        """Do what is asked of `after_commit` on these sessions."""
        event.listen(sessions, "after_commit", self._flush)
        event.listen(sessions, "after_rollback", _forget)

    def _flush(self, session: Session) -> None:
        if PENDING in session.info:
            self.enqueue_all(session.info.pop(PENDING))

    def wakeups(self, poll: float = 1.0) -> Iterator[str]:
        """Yield "" whenever the journal may have grown: on a wake-up, else every `poll` seconds, also without Redis.

        What is passed on by `hint` comes as it is.
        """
        while True:
            try:
                yield from self._wakeups(poll)
            except RedisError:
                time.sleep(poll)
                yield ""

    def _wakeups(self, poll: float) -> Iterator[str]:
        with self._hasty.pubsub(ignore_subscribe_messages=True) as heard:  # type: ignore[no-untyped-call]
            heard.subscribe(WAKEUPS, HINTS)
            while True:
                message = heard.get_message(timeout=poll)
                yield message["data"].decode() if message and message["channel"] == HINTS.encode() else ""

    def hint(self, words: str) -> None:
        """Tell everybody who listens to wake-ups something that may be lost."""
        self.hurry(lambda: self._hasty.publish(HINTS, words))

    def workers(self, queue: str = TURNS) -> int:
        """How many workers take from a queue; raises BrokerAway when Redis is away."""
        try:
            return int(Worker.count(queue=self._outlets[queue]))
        except RedisError as error:
            raise BrokerAway(type(error).__name__) from error


def _forget(session: Session) -> None:
    session.info.pop(PENDING, None)
