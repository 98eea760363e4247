"""The journal, fanned out: one thread of a process reads what is new and hands it to every open stream.

Ids commit out of order on PostgreSQL, so each read looks back over what was read in the last ten seconds.
Repeats are harmless, since a change is only a hint to look again; each stream still drops those it has sent.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import structlog
from prometheus_client import Gauge
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot import db
from bot.models import JournalEntry
from handoff.company import Stir
from handoff.stream.backlog import OVERLAP, TOLD, Change, Company, Listener, News, floor, of
from handoff.stream.glimpses import Glimpse, eyes, glimpses

QUEUE_LENGTH = 1000
CLIENTS = 1000
EACH, LONGEST = 50, 30_000  # milliseconds; a list costs the web process some 15 of CPU, and all look after each change

log = structlog.get_logger()
clients = Gauge("frontline_stream_clients", "Open event streams of this process")


@dataclass(eq=False)
class Subscription:
    """What one stream has yet to send. A reader that falls too far behind is cut off and resumes by its id."""

    listener: Listener
    news: "queue.SimpleQueue[News]" = field(default_factory=queue.SimpleQueue)
    cut_off: bool = False

    def offer(self, news: News) -> None:
        if not news.is_for(self.listener):
            return
        if self.news.qsize() < QUEUE_LENGTH:
            self.news.put(news)
        else:
            self.cut_off = True


class Feed:
    """Reads while somebody listens."""

    def __init__(self, sessions: db.Sessions, wakeups: Callable[[], Iterator[str]]) -> None:
        self._sessions = sessions
        self._wakeups = wakeups
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()
        self._thread: threading.Thread | None = None
        self._floor = 0
        self._told: dict[int, float] = {}

    def subscribe(self, listener: Listener) -> Subscription | None:
        """A place in the feed, or None when it is full. Whatever commits from now on is offered."""
        with self._lock:
            if len(self._subscriptions) >= CLIENTS:
                return None
            if not self._subscriptions:
                self._begin()
            subscription = Subscription(listener)
            self._subscriptions.add(subscription)
            clients.set(len(self._subscriptions))
            return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)
            clients.set(len(self._subscriptions))

    def read(self) -> None:
        """Offer what is new to every stream."""
        with self._lock:
            if not self._subscriptions:
                return
            for change in self._dressed(self._new()):
                self._offer(change)

    @property
    def pause(self) -> int:
        """Milliseconds over which pages spread their looking, so that the web process can do it: by how many listen."""
        return min(len(self._subscriptions) * EACH, LONGEST)

    def pass_on(self, hint: str) -> None:
        """Tell those who are at a case that something stirs there."""
        with self._lock:
            self._offer(Company(Stir.of(hint)))

    def _offer(self, news: News) -> None:
        for subscription in self._subscriptions:
            subscription.offer(news)

    def _begin(self) -> None:
        """Nobody listened until now: start at the present, less the overlap. Called under the lock.

        What can be seen already is for the backlog, which each stream reads after this.
        """
        with db.reading(self._sessions) as session:
            self._floor, self._told = floor(session), {}
        self._new()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="stream-reader", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        for hint in self._wakeups():
            try:
                if hint:
                    self.pass_on(hint)
                else:
                    self.read()
            except SQLAlchemyError as error:  # the database is away; the next wake-up reads what was missed
                log.warning("stream.read_failed", error=type(error).__name__)

    def _new(self) -> list[Change]:
        entries = select(JournalEntry).where(JournalEntry.id > self._floor, TOLD).order_by(JournalEntry.id)
        with db.reading(self._sessions) as session:
            found = [of(entry) for entry in session.scalars(entries) if entry.id not in self._told]
        self._told |= {change.id: time.monotonic() for change in found}
        self._forget()
        return found

    def _dressed(self, changes: list[Change]) -> list[Change]:
        """With what a page needs in order to show at once where a case belongs."""
        cases = {change.case for change in changes if change.case is not None}
        rows, seers = self._glimpses(cases) if cases else ({}, frozenset())
        pause = self.pause
        return [
            replace(change, pause=pause, row=rows.get(change.case) if change.case else None, eyes=seers)
            for change in changes
        ]

    def _glimpses(self, cases: set[int]) -> tuple[dict[int, Glimpse], frozenset[str]]:
        with db.reading(self._sessions) as session:
            return glimpses(session, cases), eyes(session)

    def _forget(self) -> None:
        """Raise the floor over what was told longer ago than the overlap."""
        until = time.monotonic() - OVERLAP.total_seconds()
        self._floor = max([self._floor, *(id_ for id_, told in self._told.items() if told < until)])
        self._told = {id_: told for id_, told in self._told.items() if id_ > self._floor}
