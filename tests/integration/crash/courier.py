"""LINE as the bot's webhook meets it: signed batches, redelivered with growing pauses until they are taken.

Now and then an event comes twice without a cause, or later than the one behind it.
"""

import heapq
import itertools
import random
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.builders import signed
from tests.integration.crash.platform import Platform

TIMEOUT = (1.0, 2.0)  # LINE waits two seconds for an answer
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
LATE, LATEST = 0.04, 1.5
REPEATED = 0.03
LANES = 6
LARGEST_BATCH = 6
REST = 0.02


@dataclass
class Delivery:
    """An event on its way. `first` and `taken` are when it was tried first, and when a 200 came."""

    customer: str
    text: str
    raw: dict[str, Any]
    tries: int = 0
    first: float | None = None
    taken: float | None = None

    @property
    def id(self) -> str:
        return str(self.raw["webhookEventId"])


@dataclass
class Courier:
    """Takes events to the webhook. Everything random comes from `seed`; threads still differ from run to run."""

    url: str
    platform: Platform
    seed: int
    deliveries: list[Delivery] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._waiting: list[tuple[float, int, Delivery]] = []
        self._serial = itertools.count()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._local = threading.local()

    @property
    def outstanding(self) -> int:
        """Events that no 200 has come for, or that will come once more."""
        with self._lock:
            return len(self._waiting) + sum(delivery.taken is None for delivery in self.deliveries)

    def by_customer(self) -> dict[str, list[Delivery]]:
        """Every delivery, in the order of writing."""
        written: defaultdict[str, list[Delivery]] = defaultdict(list)
        for delivery in self.deliveries:
            written[delivery.customer].append(delivery)
        return dict(written)

    def accept(self, delivery: Delivery) -> None:
        """A customer has written."""
        with self._lock:
            self.deliveries.append(delivery)
            late = self._chance.uniform(0.2, LATEST) if self._chance.random() < LATE else 0.0
            self._later(delivery, late)

    def _later(self, delivery: Delivery, pause: float) -> None:
        heapq.heappush(self._waiting, (time.monotonic() + pause, next(self._serial), delivery))

    def __enter__(self) -> "Courier":
        self._lanes = ThreadPoolExecutor(LANES)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._lanes.shutdown()

    def _run(self) -> None:
        while not self._over.wait(REST):
            due = self._due()
            while due:
                size = self._chance.randint(1, LARGEST_BATCH)
                self._lanes.submit(self._deliver, due[:size])
                due = due[size:]

    def _due(self) -> list[Delivery]:
        due = []
        with self._lock:
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                due.append(heapq.heappop(self._waiting)[2])
        return due

    def _deliver(self, batch: list[Delivery]) -> None:
        for delivery in batch:
            self.platform.issue(delivery.raw["replyToken"], delivery.customer)
            delivery.tries += 1
            delivery.first = delivery.first or time.monotonic()
        answer = self._post([self._body(delivery) for delivery in batch])
        with self._lock:
            self.answers[answer] += 1
            for delivery in batch:
                self._settle(delivery, answer)

    def _body(self, delivery: Delivery) -> dict[str, Any]:
        again = delivery.tries > 1 and delivery.taken is None
        return delivery.raw | {"deliveryContext": {"isRedelivery": again}}

    def _post(self, events: list[dict[str, Any]]) -> str:
        """What the webhook answered, in the words of LINE's error statistics."""
        body, headers = signed(events)
        try:
            return str(self._session.post(self.url, data=body, headers=headers, timeout=TIMEOUT).status_code)
        except requests.ReadTimeout:
            return "request_timeout"
        except requests.RequestException:
            return "could_not_connect"

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        return self._local.session  # type: ignore[no-any-return]

    def _settle(self, delivery: Delivery, answer: str) -> None:
        if answer != "200":
            pause = PAUSES[min(delivery.tries, len(PAUSES)) - 1]
            self._later(delivery, pause * self._chance.uniform(0.8, 1.2))
        elif delivery.taken is None:
            delivery.taken = time.monotonic()
            if self._chance.random() < REPEATED:
                self._later(delivery, self._chance.uniform(0, 3))
