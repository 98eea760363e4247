"""Phrase rules: what a customer surely means who writes this. They win over what was learned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import ContentError
from bot.language import Wording, fold, parse_wording

KEYS = {"name", "intent", "any", "patterns", "unless"}


@dataclass(frozen=True)
class Phrase:
    """A wording that decides an intent."""

    name: str
    intent: str
    wording: Wording


@dataclass(frozen=True)
class Phrases:
    """All rules; the first that matches decides."""

    rules: tuple[Phrase, ...]

    def first(self, text: str) -> Phrase | None:
        folded = fold(text)
        return next((rule for rule in self.rules if rule.wording.matches(folded)), None)


def parse_phrases(data: Mapping[str, Any]) -> Phrases:
    """The rules in `data`; a ContentError names rule, field and mend."""
    return Phrases(tuple(_phrase(entry, number) for number, entry in enumerate(data.get("rules") or [], start=1)))


def _phrase(entry: Mapping[str, Any], number: int) -> Phrase:
    place = f"phrases.yml: rule {number}"
    intent = entry.get("intent")
    if not isinstance(intent, str) or not intent:
        raise ContentError(f"{place}: has no intent; name the one it decides")
    if unknown := set(entry) - KEYS:
        raise ContentError(f"{place} ({intent}): unknown {', '.join(sorted(unknown))}; use {', '.join(sorted(KEYS))}")
    name = str(entry.get("name") or f"{intent}#{number}")
    return Phrase(name, intent, parse_wording(entry, f"{place} ({intent})"))
