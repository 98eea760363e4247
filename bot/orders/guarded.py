"""An order system that rests after failures in a row: a dead one must not cost every customer its time-out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.breaker import Breaker
from bot.errors import ChangeBrokeOff, OrdersAway
from bot.ports import ChangeKind, Order, OrderChange, Orders, Owner

ONLY = 0  # a shop has one order system
Found = TypeVar("Found")


@dataclass(frozen=True)
class Guarded:
    """`bot.ports.Orders` in front of another one that calls somebody."""

    inner: Orders
    breaker: Breaker = field(default_factory=Breaker)

    @property
    def name(self) -> str:
        return self.inner.name

    def ready(self) -> bool:
        return self.inner.ready()

    def by_number(self, number: str) -> Order | None:
        return self._asked(lambda: self.inner.by_number(number))

    def of(self, owner: Owner, limit: int) -> list[Order]:
        return self._asked(lambda: self.inner.of(owner, limit))

    @property
    def changes(self) -> frozenset[ChangeKind]:
        return self.inner.changes

    def change(self, wanted: OrderChange) -> None:
        self._asked(lambda: self.inner.change(wanted))

    def _asked(self, ask: Callable[[], Found]) -> Found:
        if self.breaker.rests_until(ONLY):
            raise OrdersAway("it failed several times in a row and is left alone for a moment")
        try:
            found = ask()
        except (OrdersAway, ChangeBrokeOff):
            self.breaker.trouble(ONLY)
            raise
        self.breaker.well(ONLY)
        return found
