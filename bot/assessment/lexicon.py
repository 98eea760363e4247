"""The lexicon: signals in the words of a message that raise its weight, whatever its intent is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import ContentError
from bot.language import Wording, parse_wording, strings

KEYS = {"name", "title", "effect", "any", "patterns", "unless", "silenced_by", "categories"}
SILENCED_BY = ("negation",)
LEVELS = ("L1", "L2", "L3")


class Effect(BaseModel):
    """What a signal does; it can only raise.

    `intent` replaces the learned one; `leaning` only where the learned one is not sure. `whole`: a person reads
    all of such a message, and the bot answers no part of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: str = ""
    leaning: str = ""
    whole: bool = False
    risk: Literal["low", "high"] = "low"
    complexity: Literal["simple", "complex"] = "simple"
    level: Literal["L3", "L2", "L1"] = "L3"
    priority: Literal["low", "normal", "high", "urgent"] = "low"


@dataclass(frozen=True)
class Signal:
    """One signal; `title` is what staff read in the reasons. With `categories` it counts only in those."""

    name: str
    title: str
    effect: Effect
    wording: Wording
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """All signals, the weightiest first: where two name an intent, the first wins.

    `not_meant` are words that rule a category out, whatever was learned.
    """

    signals: tuple[Signal, ...]
    not_meant: tuple[tuple[str, Wording], ...] = ()

    def fired(self, folded: str, category: str = "") -> tuple[Signal, ...]:
        """The signals in these words, each name once, in whatever language; `category`: what they are about."""
        found: dict[str, Signal] = {}
        for signal in self.signals:
            meant = not signal.categories or category in signal.categories
            if meant and signal.name not in found and signal.wording.matches(folded):
                found[signal.name] = signal
        return tuple(found.values())

    def rules_out(self, category: str, folded: str) -> bool:
        """Whether these words only sound as if they were of this category."""
        return any(name == category and wording.matches(folded) for name, wording in self.not_meant)

    @property
    def intents(self) -> frozenset[str]:
        """Every intent that a signal may name."""
        effects = [signal.effect for signal in self.signals]
        return frozenset(chain(*((effect.intent, effect.leaning) for effect in effects))) - {""}

    @property
    def categories(self) -> frozenset[str]:
        """Every category that is spoken of."""
        named = {name for name, _ in self.not_meant}
        return frozenset(named.union(*(signal.categories for signal in self.signals)))


def joined(lexicons: Iterable[Lexicon]) -> Lexicon:
    """One lexicon of several languages: people mix them, so all are looked at."""
    known = list(lexicons)
    signals = chain(*(lexicon.signals for lexicon in known))
    weightiest_first = sorted(signals, key=lambda signal: LEVELS.index(signal.effect.level))
    return Lexicon(tuple(weightiest_first), tuple(chain(*(lexicon.not_meant for lexicon in known))))


def parse_lexicon(data: Mapping[str, Any], file: str = "lexicon.yml") -> Lexicon:
    """The lexicon in `data`; a ContentError names the signal, the field and the mend."""
    silencers = data.get("silencers") or {}
    words = {name: strings(silencers, name, f"{file}: silencers") for name in silencers}
    entries = enumerate(data.get("signals") or [])
    signals = tuple(_signal(entry, f"{file}: signals", number, words) for number, entry in entries)
    return Lexicon(signals, tuple(_not_meant(data.get("not_meant") or {}, f"{file}: not_meant")))


def _not_meant(data: Mapping[str, Any], place: str) -> Iterator[tuple[str, Wording]]:
    for category in data:
        yield category, parse_wording({"patterns": strings(data, category, place)}, f"{place}.{category}")


def _signal(entry: Mapping[str, Any], place: str, number: int, words: Mapping[str, list[str]]) -> Signal:
    name = str(entry.get("name") or "")
    place = f"{place}.{name or number}"
    if not name:
        raise ContentError(f"{place}: has no name; reasons and reports need one")
    if unknown := set(entry) - KEYS:
        raise ContentError(f"{place}: unknown {', '.join(sorted(unknown))}; use {', '.join(sorted(KEYS))}")
    wording = parse_wording(entry, place, _silencing(entry, place, words))
    title, categories = str(entry.get("title") or name), tuple(strings(entry, "categories", place))
    return Signal(name, title, _effect(entry.get("effect"), place), wording, categories)


def _silencing(entry: Mapping[str, Any], place: str, words: Mapping[str, list[str]]) -> list[str]:
    """The words that take this signal back: of the lists it names, else of the file's negations, if it has any."""
    if "silenced_by" not in entry:
        return [word for name in SILENCED_BY for word in words.get(name, [])]
    names = strings(entry, "silenced_by", place)
    if missing := set(names) - set(words):
        raise ContentError(f"{place}: silenced_by names {', '.join(sorted(missing))}; add it under silencers")
    return [word for name in names for word in words[name]]


def _effect(data: object, place: str) -> Effect:
    try:
        return Effect.model_validate(data or {})
    except ValidationError as error:
        detail = error.errors()[0]
        field = ".".join(str(part) for part in detail["loc"])
        raise ContentError(f"{place}: effect.{field}: {detail['msg']} (found {detail['input']!r})") from error
