"""A wording rule, as phrases and signals use it: literal strings, patterns, and what silences both."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import ContentError
from bot.language.folding import fold


@dataclass(frozen=True)
class Wording:
    """Matches folded text in which one string or pattern is found and nothing of `unless`."""

    literals: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]

    def matches(self, folded: str) -> bool:
        found = any(literal in folded for literal in self.literals) or _any(self.patterns, folded)
        return found and not _any(self.unless, folded)


def parse_wording(data: Mapping[str, Any], place: str) -> Wording:
    """The wording written at `place` (file and rule, for error texts) with keys any, patterns, unless."""
    return Wording(
        tuple(fold(literal) for literal in _strings(data, "any", place)),
        tuple(_compiled(pattern, place) for pattern in _strings(data, "patterns", place)),
        tuple(_compiled(pattern, place) for pattern in _strings(data, "unless", place)),
    )


def _any(patterns: tuple[re.Pattern[str], ...], folded: str) -> bool:
    return any(pattern.search(folded) for pattern in patterns)


def _strings(data: Mapping[str, Any], key: str, place: str) -> list[str]:
    values = data.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise ContentError(f"{place}: {key} must be a list of non-empty strings; quote numbers and yes/no words")
    return values


def _compiled(pattern: str, place: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ContentError(f"{place}: pattern {pattern!r} is no regular expression ({error})") from error
