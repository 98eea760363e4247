"""A model on trial: it understands test messages as it would customers, while another one is active."""

from collections.abc import Sequence

from bot.nlu.embedded import understand
from bot.nlu.model import Model
from bot.ports import Understanding


class Trial:
    """Implements `bot.ports.Nlu` with one model."""

    name = "trial"

    def __init__(self, model: Model) -> None:
        self._model = model

    def ready(self) -> bool:
        return True

    def trouble(self) -> str:
        return ""

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        return [understand(self._model, text, self.name) for text in texts]
