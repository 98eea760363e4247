"""Rasa first, the embedded engine when Rasa does not answer; after a failure Rasa is left alone for a while."""

import time
from collections.abc import Callable, Sequence

import structlog
from prometheus_client import Counter

from bot.nlu.rasa import Rasa, RasaAway
from bot.ports import Nlu, Understanding

OPEN_SECONDS = 10.0
log = structlog.get_logger()
fallbacks = Counter("frontline_nlu_fallbacks_total", "Texts the embedded engine understood in Rasa's place")


class Fallback:
    """Implements `bot.ports.Nlu`. Customers wait for one time-out, not for one each."""

    name = "rasa+embedded"

    def __init__(self, primary: Rasa, second: Nlu, clock: Callable[[], float] = time.monotonic) -> None:
        self._primary = primary
        self._second = second
        self._clock = clock
        self._open_until = float("-inf")

    def ready(self) -> bool:
        """Whether either engine would work."""
        return self._second.ready() or self._primary.ready()

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        if self._clock() < self._open_until:
            return self._by_second(texts)
        try:
            return self._primary.ask(texts)
        except RasaAway as away:
            self._open_until = self._clock() + OPEN_SECONDS
            log.warning("nlu.fallback_opened", reason=str(away), seconds=OPEN_SECONDS)
            return self._by_second(texts)

    def _by_second(self, texts: Sequence[str]) -> list[Understanding]:
        fallbacks.inc(len(texts))
        return self._second.parse(texts)
