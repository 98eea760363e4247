"""What a text can be found by: the tokens of its folded writing, and those of a question.

Chinese is written without spaces, so a run of it is cut into pairs of neighbours and its last character: a word of two
characters is one token, a longer one a phrase of tokens, and a single character begins one wherever it stands.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.language.folding import fold

CJK = "\u3400-\u9fff\uf900-\ufaff"
RUN = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")
LONGEST = 60  # characters of a token: what is longer is no word, and PostgreSQL's lexemes end somewhere
AROUND = 24  # characters that an excerpt shows before its first hit
EXCERPT = 90


@dataclass(frozen=True)
class Term:
    """Tokens that follow each other; `open` if the last may go on: a Latin word or a number is found as it is typed."""

    tokens: tuple[str, ...]
    open: bool


@dataclass(frozen=True)
class Piece:
    """A part of an excerpt; `hit`: it is what was asked for."""

    text: str
    hit: bool


def words(text: str) -> str:
    """The tokens of a text, in its order, with spaces between them."""
    return " ".join(token for run in RUN.findall(fold(text)) for token in _tokens(run))


def terms(query: str) -> list[Term]:
    """What a text must hold, all of it, to be found."""
    return [_term(run) for run in RUN.findall(fold(query))]


def excerpt(text: str, query: str) -> list[Piece]:
    """A text around its first hit, in pieces of which the hits are marked."""
    flat = " ".join(text.split())
    spans = list(_spans(flat, RUN.findall(fold(query))))
    start = max(0, spans[0][0] - AROUND) if spans else 0
    end = min(len(flat), start + EXCERPT)
    pieces = list(_pieces(flat, [span for span in spans if start <= span[0] and span[1] <= end], start, end))
    lead, tail = [Piece("…", False)] if start else [], [Piece("…", False)] if end < len(flat) else []
    return [*lead, *pieces, *tail]


def _tokens(run: str) -> Iterator[str]:
    if re.match(f"[{CJK}]", run):
        yield from (run[at : at + 2] for at in range(len(run)))
    else:
        yield run[:LONGEST]


def _term(run: str) -> Term:
    if len(run) > 1 and re.match(f"[{CJK}]", run):
        return Term(tuple(run[at : at + 2] for at in range(len(run) - 1)), False)
    return Term((run[:LONGEST],), True)


def _spans(text: str, runs: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the runs stand in the text as it was written, which is as long as it is, however it folds."""
    origin = [at for at, sign in enumerate(text) for _ in _folded(sign)]
    folded = "".join(map(_folded, text))
    found = {hit.span() for run in runs for hit in re.finditer(re.escape(run), folded)}
    last = 0
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        first, after = origin[start], origin[end - 1] + 1
        if first >= last:
            yield first, after
            last = after


@lru_cache(maxsize=20_000)
def _folded(sign: str) -> str:
    return fold(sign)


def _pieces(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Piece]:
    at = start
    for first, after in spans:
        if first > at:
            yield Piece(text[at:first], False)
        yield Piece(text[first:after], True)
        at = after
    if at < end:
        yield Piece(text[at:end], False)
