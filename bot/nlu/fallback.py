"""Rasa first, the embedded engine while no Rasa server answers as the active release would."""

from collections.abc import Sequence

import structlog
from prometheus_client import Counter

from bot.nlu.rasa import Rasa
from bot.nlu.rasa_server import RasaAway
from bot.ports import Nlu, Understanding

log = structlog.get_logger()
fallbacks = Counter("frontline_nlu_fallbacks_total", "Texts the embedded engine understood in Rasa's place")


class Fallback:
    """Implements `bot.ports.Nlu`. Who understands is said once, when it changes."""

    name = "rasa+embedded"

    def __init__(self, primary: Rasa, second: Nlu) -> None:
        self._primary = primary
        self._second = second
        self._away = False

    def ready(self) -> bool:
        """Whether either engine would work."""
        return self._second.ready() or self._primary.ready()

    def trouble(self) -> str:
        """Which servers are in trouble; and, if all of them are, who understands."""
        troubles = self._primary.troubles()
        alone = len(troubles) == len(self._primary.servers)
        return "; ".join(
            [*troubles, f"the {self._second.name} engine understands in their place"] if alone else troubles
        )

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        try:
            understood = self._primary.ask(texts)
        except RasaAway as away:
            return self._by_second(texts, away)
        except Exception as error:  # an answer that we can't read must not leave us blind
            log.exception("nlu.rasa_unreadable")
            return self._by_second(texts, RasaAway(f"answered what we can't read ({type(error).__name__})"))
        if self._away:
            self._away = False
            log.info("nlu.rasa_again")
        return understood

    def _by_second(self, texts: Sequence[str], away: RasaAway) -> list[Understanding]:
        fallbacks.inc(len(texts))
        if not self._away:
            self._away = True
            log.warning("nlu.embedded_instead", reason=str(away))
        return self._second.parse(texts)
