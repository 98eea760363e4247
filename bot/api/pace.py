"""How fast a token may call: so many calls in any minute, counted in Redis for all web processes together.

While Redis is away each process counts by itself, so a limit still holds, if a looser one.
"""

import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from bot.broker import Broker
from bot.settings import Settings


@dataclass(frozen=True)
class Pace:
    """What became of a call, and what its token has left: `reset` is in how many seconds a call comes free again."""

    allowed: bool
    limit: int
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        told = {"Limit": self.limit, "Remaining": self.remaining, "Reset": self.reset}
        again = {} if self.allowed else {"Retry-After": str(self.reset)}
        return {f"RateLimit-{name}": str(value) for name, value in told.items()} | again


class Meter:
    """Counts the calls of tokens."""

    def __init__(self, settings: Settings, broker: Broker) -> None:
        self._limit = RateLimitItemPerMinute(settings.api_calls_per_minute)
        self._broker = broker
        self._together = MovingWindowRateLimiter(RedisStorage("redis://", connection_pool=broker.hasty.connection_pool))
        self._alone = MovingWindowRateLimiter(MemoryStorage())

    def count(self, token_id: int) -> Pace:
        """One more call, unless there were too many."""
        answers: list[Pace] = []
        if self._broker.hurry(lambda: answers.append(self._ask(self._together, token_id))):
            return answers[0]
        return self._ask(self._alone, token_id)

    def _ask(self, window: MovingWindowRateLimiter, token_id: int) -> Pace:
        allowed = window.hit(self._limit, "token", str(token_id))
        left = window.get_window_stats(self._limit, "token", str(token_id))
        return Pace(allowed, self._limit.amount, left.remaining, int(left.reset_time - time.time()) + 1)
