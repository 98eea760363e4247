"""Phrase rules: what a customer surely means who writes this. They win over what was learned."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import ContentError
from bot.language import Wording, fold, parse_wording

MARKS = re.compile(r"(\W\W)\W+")
BEGINNING, END = 800, 400
KEYS = {"name", "intent", "any", "patterns", "unless", "yields"}


@dataclass(frozen=True)
class Phrase:
    """A wording that decides an intent; one that `yields` does so only where no matter is surely understood."""

    name: str
    intent: str
    wording: Wording
    yields: bool = False


@dataclass(frozen=True)
class Phrases:
    """All rules; the first that matches decides."""

    rules: tuple[Phrase, ...]

    def first(self, text: str, *, surely: bool = False) -> Phrase | None:
        """The rule that decides `text`; `surely`: whatever else is understood."""
        folded = _short(fold(text))
        rules = (rule for rule in self.rules if not (surely and rule.yields))
        return next((rule for rule in rules if rule.wording.matches(folded)), None)


def _short(folded: str) -> str:
    """Beginning and end of a long text, and two marks in a row at most.

    What somebody wants stands there; patterns that look at every place of 5,000 marks would take seconds.
    """
    marked = MARKS.sub(r"\1", folded)
    return marked if len(marked) <= BEGINNING + END else f"{marked[:BEGINNING]}\n{marked[-END:]}"


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
    yields = entry.get("yields", False)
    if not isinstance(yields, bool):
        raise ContentError(f"{place} ({intent}): yields is {yields!r}; write true, or leave it out")
    name = str(entry.get("name") or f"{intent}#{number}")
    return Phrase(name, intent, parse_wording(entry, f"{place} ({intent})"), yields)
