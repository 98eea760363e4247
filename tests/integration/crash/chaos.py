"""Kills with -9, and freezes: a worker that was stopped in a turn wakes up when another has answered for it."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.integration.crash.platform import Platform
from tests.integration.crash.processes import owner, pids, send

# A deck: every kind comes, in an order of the seed's own, before one comes again; twice the harm comes twice in it.
DECK = (
    *("kill worker", "kill worker in a turn", "kill worker in a turn", "kill worker in a call"),
    *("kill web", "kill web worker", "kill ticker", "kill redis"),
    *("freeze in a turn", "freeze in a turn", "freeze in a call"),
)
ANSWERS = (10, 40)  # so many messages arrive between one harm and the next: whoever was killed has come back
PATIENCE = 8.0  # but where hardly anything arrives any more, harm goes on
TAKEOVER = 60.0  # seconds; a busy machine needs more than the 15 that a quiet one promises
WRITTEN = 3.0  # seconds after which whoever asked for a name again has written the turn that came of it
TICK = 0.05


@dataclass(frozen=True)
class Victim:
    """A worker that was caught, and the customer whom it was busy with."""

    pid: int
    customer: str


class Chaos(threading.Thread):
    """Does harm to the programs below `supervisor` until told to stop."""

    def __init__(self, seed: int, supervisor: int, platform: Platform, call_seconds: float) -> None:
        super().__init__(daemon=True)
        self.done: Counter[str] = Counter()
        self.failed: Exception | None = None
        self._chance = random.Random(seed)
        self._supervisor = supervisor
        self._platform = platform
        self._call_seconds = call_seconds
        self._over = threading.Event()
        self._frozen: set[int] = set()

    def run(self) -> None:
        try:
            while True:
                for kind in self._shuffled():
                    if not self._rest():
                        return
                    self._do(kind)
        except Exception as error:  # told by the test, in its own thread
            self.failed = error

    def _shuffled(self) -> list[str]:
        """The deck: first what was not done yet, each kind once; then the rest."""
        deck = self._chance.sample(DECK, len(DECK))
        kinds = sorted(dict.fromkeys(deck), key=lambda kind: self.done[kind] > 0)
        again = list((Counter(deck) - Counter(kinds)).elements())
        return kinds + again

    def stop(self) -> None:
        """No more harm; whatever is frozen goes on."""
        self._over.set()
        self.join()
        for pid in list(self._frozen):
            self._thaw(pid)

    def _rest(self) -> bool:
        """Let the system work for a while; whether to go on after that."""
        enough = self._arrived() + self._chance.randint(*ANSWERS)
        self._wait(lambda: self._arrived() >= enough, PATIENCE)
        return not self._over.is_set()

    def _arrived(self) -> int:
        return sum(self._platform.calls.values())

    def _do(self, kind: str) -> None:
        match kind:
            case "freeze in a turn":
                self._freeze_in_a_turn(kind)
            case "freeze in a call":
                self._freeze_in_a_call(kind)
            case "kill worker in a turn":
                self.done[kind] += self._catch("profile", signal.SIGKILL) is not None
            case "kill worker in a call":
                self.done[kind] += self._catch("reply", signal.SIGKILL) is not None
            case _:
                self._kill(kind.removeprefix("kill "), kind)

    def _kill(self, program: str, kind: str) -> None:
        found = [pid for pid in pids(self._supervisor, program) if pid not in self._frozen]
        if found and send(self._chance.choice(found), signal.SIGKILL):
            self.done[kind] += 1

    def _freeze_in_a_turn(self, kind: str) -> None:
        """Until another has done its turn: what the frozen worker thought of meanwhile must not be said."""
        if frozen := self._freeze("profile"):
            taken_over = self._taken_over(frozen.customer)
            self._wait(taken_over, TAKEOVER)
            self._platform.watchers.pop("profile", None)
            self.done[kind if taken_over() or self._over.is_set() else "neglected"] += 1
            self._thaw(frozen.pid)

    def _taken_over(self, customer: str) -> Callable[[], bool]:
        """Whether another has answered; or asked for the name again, a while ago: not every turn says something."""
        before, again = len(self._platform.arrived[customer]), list[float]()

        def watch(_: int, asked_for: str) -> None:
            if asked_for == customer:
                again.append(time.monotonic())

        self._platform.watchers["profile"] = watch
        return lambda: (
            len(self._platform.arrived[customer]) > before or bool(again and time.monotonic() - again[0] > WRITTEN)
        )

    def _freeze_in_a_call(self, kind: str) -> None:
        """For so long that its call is taken for lost; other harm goes on meanwhile."""
        if frozen := self._freeze("reply"):
            self.done[kind] += 1
            timer = threading.Timer(self._call_seconds, self._thaw, (frozen.pid,))
            timer.daemon = True
            timer.start()

    def _freeze(self, asked: str) -> Victim | None:
        if victim := self._catch(asked, signal.SIGSTOP):
            self._frozen.add(victim.pid)
        return victim

    def _catch(self, asked: str, harm: signal.Signals) -> Victim | None:
        """Stop or kill the worker that asks the platform for this next, before it has the answer."""
        caught: list[Victim] = []

        def watch(port: int, customer: str) -> None:
            pid = owner(port, pids(self._supervisor, "worker"))
            if pid is not None and not caught and send(pid, harm):
                caught.append(Victim(pid, customer))

        self._platform.watchers[asked] = watch
        self._wait(lambda: bool(caught), PATIENCE)
        del self._platform.watchers[asked]
        return caught[0] if caught else None

    def _wait(self, true: Callable[[], bool], seconds: float) -> None:
        """Until it is true, the time is over, or the harm is."""
        limit = time.monotonic() + seconds
        while not true() and time.monotonic() < limit and not self._over.wait(TICK):
            pass

    def _thaw(self, pid: int) -> None:
        self._frozen.discard(pid)
        send(pid, signal.SIGCONT)
