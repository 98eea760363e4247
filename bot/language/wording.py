"""A wording rule, as phrases and signals use it: literal strings, patterns, and what silences them.

`not_after` are words that take back what stands right behind them: 「沒有受傷」 tells of no injury, however it is
written, while a second, plain 「受傷」 in the same text still counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import ContentError
from bot.language.folding import fold


@dataclass(frozen=True)
class Wording:
    """Matches folded text in which one string or pattern is found, not taken back, and nothing of `unless`."""

    literals: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    not_after: tuple[str, ...] = ()

    def matches(self, folded: str) -> bool:
        found = any(not folded[:at].endswith(self.not_after) for at in self._places(folded))
        return found and not any(pattern.search(folded) for pattern in self.unless)

    def _places(self, folded: str) -> Iterator[int]:
        """Where something is found."""
        for literal in self.literals:
            at = folded.find(literal)
            while at >= 0:
                yield at
                at = folded.find(literal, at + 1)
        for pattern in self.patterns:
            for found in pattern.finditer(folded):
                yield found.start()


def parse_wording(data: Mapping[str, Any], place: str, not_after: Sequence[str] = ()) -> Wording:
    """The wording written at `place` (file and rule, for error texts) with keys any, patterns, unless."""
    return Wording(
        tuple(fold(literal) for literal in strings(data, "any", place)),
        tuple(_compiled(pattern, place) for pattern in strings(data, "patterns", place)),
        tuple(_compiled(pattern, place) for pattern in strings(data, "unless", place)),
        tuple(fold(word) + " " * word.endswith(" ") for word in not_after),
    )


def strings(data: Mapping[str, Any], key: str, place: str) -> list[str]:
    """The list of strings under `key`; a ContentError where it is something else."""
    values = data.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise ContentError(f"{place}: {key} must be a list of non-empty strings; quote numbers and yes/no words")
    return values


def _compiled(pattern: str, place: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ContentError(f"{place}: pattern {pattern!r} is no regular expression ({error})") from error
