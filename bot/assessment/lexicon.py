"""The lexicon: signals in the words of a message that raise its weight, whatever its intent is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import ContentError
from bot.language import Wording, parse_wording

KEYS = {"name", "title", "effect", "any", "patterns", "unless"}


class Effect(BaseModel):
    """What a signal does; it can only raise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: str = ""
    risk: Literal["low", "high"] = "low"
    complexity: Literal["simple", "complex"] = "simple"
    level: Literal["L3", "L2", "L1"] = "L3"
    priority: Literal["low", "normal", "high", "urgent"] = "low"


@dataclass(frozen=True)
class Signal:
    """One signal; `title` is what staff read in the reasons."""

    name: str
    title: str
    effect: Effect
    wording: Wording


@dataclass(frozen=True)
class Lexicon:
    """All signals, the weightiest first: where two name an intent, the first wins."""

    signals: tuple[Signal, ...]

    def fired(self, folded: str) -> tuple[Signal, ...]:
        return tuple(signal for signal in self.signals if signal.wording.matches(folded))


def parse_lexicon(data: Mapping[str, Any]) -> Lexicon:
    """The lexicon in `data`; a ContentError names the signal, the field and the mend."""
    return Lexicon(tuple(_signal(entry, number) for number, entry in enumerate(data.get("signals") or [])))


def _signal(entry: Mapping[str, Any], number: int) -> Signal:
    name = str(entry.get("name") or "")
    place = f"lexicon.yml: signals.{name or number}"
    if not name:
        raise ContentError(f"{place}: has no name; reasons and reports need one")
    if unknown := set(entry) - KEYS:
        raise ContentError(f"{place}: unknown {', '.join(sorted(unknown))}; use {', '.join(sorted(KEYS))}")
    return Signal(
        name, str(entry.get("title") or name), _effect(entry.get("effect"), place), parse_wording(entry, place)
    )


def _effect(data: object, place: str) -> Effect:
    try:
        return Effect.model_validate(data or {})
    except ValidationError as error:
        detail = error.errors()[0]
        field = ".".join(str(part) for part in detail["loc"])
        raise ContentError(f"{place}: effect.{field}: {detail['msg']} (found {detail['input']!r})") from error
