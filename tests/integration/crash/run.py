"""One run: customers write while processes die, then everything must come to rest by itself."""

import threading
import time

from bot.settings import Settings
from tests.integration.crash import evidence
from tests.integration.crash.chaos import DECK, Chaos
from tests.integration.crash.courier import Courier
from tests.integration.crash.customers import latecomers, write_all, writers
from tests.integration.crash.evidence import Thread
from tests.integration.crash.findings import Case
from tests.integration.crash.platform import Platform
from tests.running import Running

CALL_TAKEN_FOR_LOST = 13.0
WRITING, SETTLING = 300.0, 90.0


class Run:
    """What was done to the system, and what is left of it."""

    def __init__(self, seed: int, started: Running, platform: Platform, settings: Settings) -> None:
        self.seed, self.platform, self.settings = seed, platform, settings
        self.people = writers(seed)
        self.courier = Courier(f"{started.url}/webhooks/line", platform, seed)
        self.chaos = Chaos(seed, started.process.pid, platform, CALL_TAKEN_FOR_LOST)
        self.threads: dict[str, Thread] = {}
        self.wrote_for = self.quiet_after = 0.0

    def live_through_it(self) -> None:
        began = time.monotonic()
        with self.courier:
            self.chaos.start()
            try:
                self._let_write(began + WRITING)
            finally:
                self.chaos.stop()
            self.wrote_for = time.monotonic() - began
            self._settle()
        self.quiet_after = time.monotonic() - began - self.wrote_for
        self.threads = evidence.read(self.settings)

    def _let_write(self, deadline: float) -> None:
        """Everybody; then visitors for as long as a kind of harm was not done: a fast machine answers sooner."""
        write_all(self.people, self.platform, self.courier, deadline)
        while self.untried() and time.monotonic() < deadline:
            late = latecomers(self.seed, len(self.people))
            self.people += late
            write_all(late, self.platform, self.courier, deadline)

    def _settle(self) -> None:
        """Wait until nothing is on its way any more. What never comes to rest is a finding, not an error here."""
        limit, rest = time.monotonic() + SETTLING, threading.Event()
        while time.monotonic() < limit:
            if not self.courier.outstanding and not evidence.unfinished(self.settings):
                return
            rest.wait(0.5)

    def cases(self) -> list[Case]:
        """Every customer whom the database knows, with what they wrote and what they heard."""
        written = self.courier.by_customer()
        return [
            Case(customer, written[customer], self.threads[customer], self.platform.arrived[customer])
            for customer in written.keys() & self.threads.keys()
        ]

    def strangers(self) -> set[str]:
        """Customers who wrote and are not known, or who are known and never wrote."""
        return self.courier.by_customer().keys() ^ (self.threads.keys() | self.platform.arrived.keys())

    def unwritten(self) -> int:
        """Messages that the customers had no time for."""
        return sum(len(person.script) for person in self.people)

    def untried(self) -> set[str]:
        """Kinds of harm that this run did not do."""
        return {kind for kind in DECK if not self.chaos.done[kind]}

    def answered(self) -> int:
        return sum(len(thread.entries("turn.answered")) for thread in self.threads.values())
