"""The net under the engines: with all of them broken, rules still understand, and a person gets the rest."""

from collections.abc import Sequence

import structlog
from prometheus_client import Counter

from bot.nlu import shipped
from bot.nlu.understanding import by_rules_alone
from bot.ports import Nlu, Understanding

log = structlog.get_logger()
failures = Counter("frontline_nlu_failures_total", "Texts that only rules understood, since the engine failed")


class Safe:
    """Implements `bot.ports.Nlu` around an engine that may fail."""

    def __init__(self, engine: Nlu) -> None:
        self._engine = engine
        self.name = engine.name

    def ready(self) -> bool:
        return self._engine.ready()

    def trouble(self) -> str:
        return self._engine.trouble()

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        try:
            return self._engine.parse(texts)
        except Exception as error:  # a customer must not wait because an engine is broken
            failures.inc(len(texts))
            log.error("nlu.engine_failed", engine=self.name, error=type(error).__name__)
            return [by_rules_alone(text, shipped.phrases()) for text in texts]
