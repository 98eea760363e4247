"""Understanding that is asked for each text once, however many policies judge it."""

from collections.abc import Sequence

from bot.ports import Nlu, Understanding


class Once:
    """Implements `bot.ports.Nlu` by another one: no change of the policy touches what was learned."""

    def __init__(self, nlu: Nlu) -> None:
        self._nlu = nlu
        self._known: dict[str, Understanding] = {}
        self.name = nlu.name

    def ready(self) -> bool:
        return self._nlu.ready()

    def trouble(self) -> str:
        return self._nlu.trouble()

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        if missing := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(missing, self._nlu.parse(missing), strict=True))
        return [self._known[text] for text in texts]
