"""The recorded floor: what the held-out messages must go on reaching, so that no change makes it worse unseen."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import ContentError
from bot.nlu.files import LANGUAGE, read_yaml

FILE = f"{LANGUAGE}/tests/floor.yml"


class Floor(BaseModel):
    """Figures of `evaluation.figures` that must not fall below, or rise above, a value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: dict[str, float]
    at_most: dict[str, float]

    def breaches(self, figures: Mapping[str, float | None]) -> list[str]:
        """What does not hold, one sentence each; a figure that nothing was measured for does not hold."""
        found = {name: figures.get(name) for name in (*self.at_least, *self.at_most)}
        untold = [f"{name} was not measured" for name, value in found.items() if value is None]
        low = [
            _breach(name, found[name], "below", limit)
            for name, limit in self.at_least.items()
            if _less(found[name], limit)
        ]
        high = [
            _breach(name, found[name], "above", limit)
            for name, limit in self.at_most.items()
            if _less(limit, found[name])
        ]
        return untold + low + high


def recorded() -> Floor:
    """The floor of the shipped held-out files."""
    try:
        return Floor.model_validate(read_yaml(FILE))
    except ValidationError as error:
        detail = error.errors()[0]
        raise ContentError(f"{FILE}: {'.'.join(map(str, detail['loc']))}: {detail['msg']}") from error


def _less(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and one < other


def _breach(name: str, value: float | None, side: str, limit: float) -> str:
    return f"{name} is {value}, {side} the floor's {limit}"
