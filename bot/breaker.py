"""Lets an account rest whose platform does not answer: a dead line must not hold up every worker, call after call."""

from dataclasses import dataclass
from datetime import datetime

from bot.clock import after, now

TOLERATED = 2  # failures in a row that may be bad luck
FIRST_REST = 2.0
LONGEST_REST = 30.0
LONGEST_ASKED = 900.0


@dataclass(frozen=True)
class Rest:
    """Failures in a row, and until when nobody tries."""

    failures: int
    until: datetime


class Breaker:
    """What this process knows about the platforms of its accounts; every other process finds out by itself."""

    def __init__(self) -> None:
        self._rests: dict[int, Rest] = {}

    def rests_until(self, account: int) -> datetime | None:
        """When an account may speak again, if it rests now. A rest that no rule gives is of a clock set back."""
        rest = self._rests.get(account)
        return rest.until if rest and now() < rest.until <= after(LONGEST_ASKED) else None

    def doubts(self, account: int) -> bool:
        """Whether its platform's last call came to nothing."""
        return account in self._rests

    def trouble(self, account: int, asked: float | None = None) -> None:
        """The platform did not take a call, for no fault of the message's; `asked`: it said for how long."""
        known = self._rests.get(account)
        failures = known.failures + 1 if known else 1
        doubled = FIRST_REST * 2.0 ** min(failures - TOLERATED - 1, 10) if failures > TOLERATED else 0.0
        pause = max(min(doubled, LONGEST_REST), min(asked or 0.0, LONGEST_ASKED))
        self._rests[account] = Rest(failures, after(pause))

    def well(self, account: int) -> None:
        """The platform answered clearly."""
        self._rests.pop(account, None)
