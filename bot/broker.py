"""Waking others: RQ jobs after a commit, and hints to the event stream. Redis holds no truth.

Whatever cannot be enqueued is still a due row, which the sweeper takes; so losing Redis loses nothing.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from prometheus_client import Counter
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.errors import BrokerAway
from bot.settings import Settings

TURNS = "turns"
BUILDS = "builds"
QUEUES = (TURNS, BUILDS)
JOB_TIMEOUT = {TURNS: 30, BUILDS: 1800}
WAKEUPS = "frontline:wakeups"
AWAY_SECONDS = 3.0
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
    """The pool of those who wait for Redis: workers for a job, streams for a hint."""
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=35, health_check_interval=30)


@lru_cache(maxsize=4)
def hasty_connection(url: str) -> Redis:
    """The pool of those who wake others and must not wait: a webhook is answered whatever Redis does."""
    return Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 0))


class Broker:
    """Enqueues and wakes on one Redis."""

    def __init__(self, settings: Settings) -> None:
        self.redis = connection(redis_url(settings))
        self._hasty = hasty_connection(redis_url(settings))
        self._away_until = 0.0

    def queue(self, name: str) -> Queue:
        """A queue as its worker takes from it."""
        return Queue(name, connection=self.redis, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT[name])

    def _outlet(self, name: str) -> Queue:
        return Queue(name, connection=self._hasty, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT[name])

    def enqueue(self, task: str, *ids: int, queue: str = TURNS) -> bool:
        """Enqueue the dotted name `task` with ids. False (and counted) when Redis is away or slow."""
        options: dict[str, Any] = {"result_ttl": 0, "failure_ttl": 60, "description": task}
        done = self._hurry(lambda: self._outlet(queue).enqueue(task, args=ids, **options))
        if not done:
            lost.inc()
        return done

    def wake_streams(self) -> None:
        """Hint to the event streams that the journal grew; without Redis they poll each second by themselves."""
        self._hurry(lambda: self._hasty.publish(WAKEUPS, "1"))

    def backlog(self, queue: str = TURNS) -> int:
        """How many jobs wait in a queue; 0 when Redis is away."""
        found: list[int] = []
        self._hurry(lambda: found.append(self._outlet(queue).count))
        return sum(found)

    def beat(self) -> None:
        """The ticker is at work; it says so every few seconds."""
        self._hurry(lambda: self._hasty.set(TICKER_BEAT, 1, ex=BEAT_SECONDS))

    def ticks(self) -> bool:
        """Whether a ticker said lately that it is at work; raises BrokerAway when Redis is away."""
        try:
            return bool(self._hasty.exists(TICKER_BEAT))
        except RedisError as error:
            raise BrokerAway(type(error).__name__) from error

    def _hurry(self, call: Callable[[], object]) -> bool:
        """Do a call if Redis answers at once. After a failure nobody asks again for a moment: all would wait."""
        if time.monotonic() < self._away_until:
            return False
        try:
            call()
        except RedisError as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            log.warning("broker.away", error=type(error).__name__)
            return False
        return True

    def after_commit(self, session: Session, task: str, *ids: int, queue: str = TURNS) -> None:
        """Enqueue `task` once, when the session's transaction has been committed; never when it rolls back."""
        pending = self._pending(session)
        if (task, ids, queue) not in pending:
            pending.append((task, ids, queue))

    def wake_after_commit(self, session: Session) -> None:
        """Hint to the event streams once the session's transaction has been committed."""
        self._pending(session)

    def _pending(self, session: Session) -> list[tuple[str, tuple[int, ...], str]]:
        if "after_commit" not in session.info:
            event.listen(session, "after_commit", self._flush, once=True)
            event.listen(session, "after_rollback", _forget, once=True)
        pending: list[tuple[str, tuple[int, ...], str]] = session.info.setdefault("after_commit", [])
        return pending

    def _flush(self, session: Session) -> None:
        for task, ids, queue in session.info.pop("after_commit", []):
            self.enqueue(task, *ids, queue=queue)
        self.wake_streams()

    def wakeups(self, poll: float = 1.0) -> Iterator[None]:
        """Yield whenever the journal may have grown: on a hint, else every `poll` seconds, also without Redis."""
        while True:
            try:
                yield from self._hints(poll)
            except RedisError:
                time.sleep(poll)
                yield None

    def _hints(self, poll: float) -> Iterator[None]:
        with self.redis.pubsub(ignore_subscribe_messages=True) as hints:  # type: ignore[no-untyped-call]
            hints.subscribe(WAKEUPS)
            while True:
                hints.get_message(timeout=poll)
                yield None

    def workers(self, queue: str = TURNS) -> int:
        """How many workers take from a queue; raises BrokerAway when Redis is away."""
        try:
            return int(Worker.count(queue=self.queue(queue)))
        except RedisError as error:
            raise BrokerAway(type(error).__name__) from error


def _forget(session: Session) -> None:
    session.info.pop("after_commit", None)
