"""Rasa servers as an engine: asked in turn, left alone after a failure, believed only as our own release."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from prometheus_client import Counter

from bot.nlu import shipped
from bot.nlu.calibration import Threshold
from bot.nlu.policy import load
from bot.nlu.rasa_server import Answer, RasaAway, RasaServer
from bot.nlu.understanding import Ranking, by_rules_alone, understood, without_words
from bot.ports import Understanding
from bot.settings import Settings

REST_SECONDS = 10.0
BEHIND_SECONDS = 1.0  # it is well, and may load what we want any moment
PATIENCE_SECONDS = 4.0  # for all texts of a message together, whichever servers are asked
TRIES = 2  # servers that one customer waits for
log = structlog.get_logger()
failures = Counter("frontline_rasa_failures_total", "Calls that a Rasa server did not answer as it should")


class Behind(RasaAway):
    """The server is well, but has not taken up the active release."""


class Rasa:
    """Implements `bot.ports.Nlu`; `ask` is the same for callers with something to fall back on.

    `wanted` tells the digest of the active release: a server that learned another one does not count. Without it
    whatever a server learned will do.
    """

    name = "rasa"

    def __init__(
        self,
        settings: Settings,
        wanted: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.servers = tuple(RasaServer(url, settings.rasa_token) for url in settings.rasa_urls)
        self._wanted = wanted
        self._clock = clock
        self._rest_until = [float("-inf")] * len(self.servers)
        self._turn = 0

    def ready(self) -> bool:
        """Whether a server would be believed now."""
        return len(self.troubles()) < len(self.servers)

    def trouble(self) -> str:
        return "; ".join(self.troubles())

    def troubles(self) -> list[str]:
        """What is wrong with which of the servers, by their place in RASA_URL; all are asked at once."""
        with ThreadPoolExecutor(len(self.servers)) as pool:
            said = enumerate(pool.map(self._trouble, self.servers), start=1)
            return [f"server {place}: {wrong}" for place, wrong in said if wrong]

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        try:
            return self.ask(texts)
        except RasaAway as away:
            log.warning("nlu.rasa_away", reason=str(away))
            return [by_rules_alone(text, shipped.phrases()) for text in texts]

    def ask(self, texts: Sequence[str]) -> list[Understanding]:
        """The understandings of the server whose turn it is; RasaAway where none has any to give in time."""
        until, reason = self._clock() + PATIENCE_SECONDS, "every server rests"
        for place in self._awake()[:TRIES]:
            if self._clock() >= until:
                break
            try:
                return [self._answer(place, text, until) for text in texts]
            except Behind as behind:
                self._rest_until[place] = self._clock() + BEHIND_SECONDS
                reason = str(behind)
            except RasaAway as away:
                self._rest(place, away)
                reason = str(away)
        raise RasaAway(reason)

    def _answer(self, place: int, text: str, until: float) -> Understanding:
        left = until - self._clock()
        if left <= 0:
            raise RasaAway("too slow")
        return self._understood(text, self.servers[place].ask(text, left))

    def _awake(self) -> list[int]:
        """The servers that do not rest, the next one first."""
        self._turn += 1
        count, moment = len(self.servers), self._clock()
        places = [(self._turn + step) % count for step in range(count)]
        return [place for place in places if moment >= self._rest_until[place]]

    def _rest(self, place: int, away: RasaAway) -> None:
        failures.inc()
        self._rest_until[place] = self._clock() + REST_SECONDS
        log.warning("nlu.rasa_rests", server=place + 1, reason=str(away), seconds=REST_SECONDS)

    def _trouble(self, server: RasaServer) -> str:
        try:
            self._check(server.release())
        except RasaAway as away:
            return str(away)
        return ""

    def _check(self, release: str) -> None:
        if self._wanted is None:
            return
        wanted = self._wanted()
        if not wanted:
            raise RasaAway("no release is active")
        if release != wanted:
            raise Behind(f"serves release {release[:12] or 'unknown'}, not {wanted[:12]}")

    def _understood(self, text: str, answer: Answer | None) -> Understanding:
        if answer is None:
            return without_words(text, shipped.phrases())
        self._check(answer.release)
        named = answer.release or answer.model_id
        return understood(text, _ranking(answer), _threshold(answer), shipped.phrases(), self.name, named)


def _ranking(answer: Answer) -> Ranking:
    ranked = answer.intent_ranking or (answer.intent,)
    return tuple((intent.name, intent.confidence) for intent in ranked if intent.name)


def _threshold(answer: Answer) -> Threshold:
    """That of the component; the policy's where Rasa's own classifiers judged."""
    judged_by = answer.frontline or load()[0].thresholds
    return Threshold(judged_by.accept, judged_by.margin)
